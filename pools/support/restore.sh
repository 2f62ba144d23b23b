#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# restore.sh <target folder>
#
# Before a target is compiled: names its objects by their content, and takes from the cache, which
# UC_CACHE names, those that were made before. README.md tells how. What a user waits for here is the
# programs that are started: they are few.
set -eu
[ -n "${UC_CACHE:-}" ] || exit 0
here=${0%/*}
cd "$1"
folder=$PWD
. ./link.env

if [ -e keys/text ]; then
	[ ! -e keys/list ] || mv keys/list keys/list.old
	rm -f keys/sums keys/copy keys/touch keys/missing keys/text/*
else
	mkdir -p keys/text
fi

# The programs that make an object: what the compiler says, and which files they are.
cc=${CROSS}gcc
cc1=$("$cc" -v -print-prog-name=cc1 2>keys/identity)
stat -L -c '%s %Y' "$(command -v "$cc")" "$cc1" \
	"$(command -v "${CROSS}as")" "$(command -v "${CROSS}ld")" "$(command -v "${CROSS}objcopy")" >>keys/identity
# What changes from now on is newer than this.
: >keys/stamp

awk -v folder="$folder" -v build="${folder%/*}" -v app="$UC_APP" -v app_name="$APP" -v pools="$UC_POOLS" \
	-v config="$folder/include/config" -v support="$here" -v cache="$UC_CACHE" \
	-f "$here/depend.awk" -f "$here/keys.awk"
[ -e keys/sums ] || exit 0

xargs cp -r -t . <keys/copy 2>/dev/null || true
# An entry that is damaged, or that was taken away meanwhile, is compiled and kept like any other.
if ! sha256sum --check --quiet keys/sums >keys/damaged 2>/dev/null; then
	sed -n 's/: FAILED.*//p' keys/damaged >keys/bad
	sed 'p;s/$/.d/' keys/bad | xargs rm -f
	grep -vFf keys/bad keys/sums >keys/good || true
	mv keys/good keys/sums
	awk 'NR == FNR { bad[$0]; next } $2 in bad' keys/bad keys/list >keys/gone
	cat keys/gone >>keys/missing
	cut -d' ' -f1 keys/gone | (cd "$UC_CACHE" && xargs rm -rf) 2>/dev/null || true
fi
# Objects are no older than what they were made of, and no newer than a source that is edited now.
# Entries that are used last are kept longest.
xargs touch -c -r keys/stamp <keys/touch 2>/dev/null || true
printf '  %-4s %s\n' HAVE "$TARGET: $(wc -l <keys/sums) of $(wc -l <keys/list) objects"
