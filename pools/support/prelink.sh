#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# prelink.sh <target folder> <library>
#
# Joins a library's objects into one, in which only the symbols that its `exports` lists are global.
set -eu
. "$1/link.env"

name=$(echo "$2" | tr '/-' '__')
eval "exports=\$EXPORTS_$name"
"${CROSS}ld" -r -o "$1/$2.o" @"$1/$2/objects"
# Without a list, a library exports nothing; an application, main.
if [ -z "$exports" ]; then
	exports=$1/$2/exports
	case $2 in
	app/*) echo main >"$exports" ;;
	*) : >"$exports" ;;
	esac
fi
"${CROSS}objcopy" --keep-global-symbols="$exports" "$1/$2.o"
