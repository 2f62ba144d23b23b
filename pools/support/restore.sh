#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# restore.sh <target folder>
#
# Before a target is compiled: names its objects by their content, and takes from the cache, which
# UC_CACHE names, those that were made before. README.md tells how.
set -eu
[ -n "${UC_CACHE:-}" ] || exit 0
here=$(cd "$(dirname "$0")" && pwd)
cd "$1"
folder=$PWD
. ./link.env

mkdir -p keys/text
[ ! -e keys/list ] || mv keys/list keys/list.old
rm -f keys/sums keys/copy keys/text/*
# What changes from now on is newer than this.
: >keys/stamp

# The programs that make an object: what the compiler says, and which files they are.
cc=${CROSS}gcc
identity=$({
	"$cc" -v
	stat -L -c '%s %Y' "$(command -v "$cc")" "$("$cc" -print-prog-name=cc1)" \
		"$(command -v "${CROSS}as")" "$(command -v "${CROSS}ld")" "$(command -v "${CROSS}objcopy")"
} 2>&1 | sha256sum)

awk -v identity="$identity" -v folder="$folder" -v build="${folder%/*}" -v app="$UC_APP" \
	-v app_name="$APP" -v pools="$UC_POOLS" -v config="$folder/include/config" -v support="$here" \
	-v cache="$UC_CACHE" -f "$here/depend.awk" -f "$here/keys.awk"
[ -e keys/sums ] || exit 0

sh keys/copy 2>/dev/null || true
# An entry that is damaged, or that was taken away meanwhile, is compiled like any other.
sha256sum --check --quiet keys/sums 2>/dev/null | sed -n 's/: FAILED.*//p' >keys/damaged
if [ -s keys/damaged ]; then
	sed 'p;s/$/.d/' keys/damaged | xargs rm -f
	grep -vFf keys/damaged keys/sums >keys/sums.new || true
	mv keys/sums.new keys/sums
fi
# No older than what it was made of, and no newer than a source that is edited now.
cut -d' ' -f3 keys/sums | xargs touch -c -r keys/stamp
# Those that are used last are kept longest.
awk 'NR == FNR { used[$2]; next } $2 in used { print $1 }' keys/sums keys/list |
	(cd "$UC_CACHE" && xargs touch -c) 2>/dev/null || true
printf '  %-4s %s\n' HAVE "$TARGET: $(awk 'END { print NR }' keys/sums) of $(awk 'END { print NR }' keys/list) objects"
