#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# prelink.sh <target folder> <library>
#
# Joins a library's objects into one, in which only the symbols that its `exports` lists are global.
# Without a list, a library exports nothing; an application, main.
set -eu
. "$1/link.env"

name=$(echo "$2" | tr '/-' '__')
eval "exports=\$EXPORTS_$name"
case $exports:$2 in
:app/*) keep=--keep-global-symbol=main ;;
:*) keep=--keep-global-symbol=. ;;
*) keep=--keep-global-symbols=$exports ;;
esac
# objcopy refuses an empty list. No symbol is named ".".
[ -z "$exports" ] || grep -q '^[^#[:space:]]' "$exports" || keep=--keep-global-symbol=.

"${CROSS}ld" -r -o "$1/$2.o" @"$1/$2/objects"
"${CROSS}objcopy" "$keep" "$1/$2.o"
