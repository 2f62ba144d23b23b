#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# store.sh <target folder>
#
# After a target was compiled: puts into the cache what was made and is not there. A cache that cannot
# be written to is only read.
set -eu
# Nothing is missing in most builds.
[ -n "${UC_CACHE:-}" ] && [ -s "$1/keys/missing" ] || exit 0
cd "$1"
mkdir -p "$UC_CACHE" 2>/dev/null || exit 0
[ -w "$UC_CACHE" ] || exit 0

# The files that are newer than the keys. find says no by its exit code if one is not there.
newer() {
	xargs sh -c 'test="$1"; shift; find "$@" -maxdepth 0 "$test" keys/stamp' sh "$1" 2>/dev/null
}

# An object that uses a file that has changed since the keys were made of it, even if it was changed back,
# may be of other content than its key says.
newer -cnewer <keys/files >keys/changed || exit 0
cut -d' ' -f2 keys/missing | newer -newer >keys/compiled || true
awk '
	part == 0 { changed[$1]; next }
	part == 1 { if ($1 in changed) stale[FNR]; next }
	part == 2 { for (i = 2; i <= NF; i++) if ($i in stale) bad[$1]; next }
	part == 3 { if (!($1 in bad)) good[$1]; next }
	$2 in good { print $1, $2 }
' part=0 keys/changed part=1 keys/files part=2 keys/uses part=3 keys/compiled part=4 keys/missing >keys/made
[ -s keys/made ] || exit 0

staging=$(mktemp -d "$UC_CACHE/.new.XXXXXX")
trap 'rm -rf "$staging"' EXIT
sed 's/ .*/\/made/' keys/made | (cd "$staging" && xargs mkdir -p)
while read -r key object; do
	cp --parents "$object" "$staging/$key/made"
done <keys/made
cut -d' ' -f2 keys/made | xargs sha256sum |
	awk -v staging="$staging" 'NR == FNR { key[$2] = $1; next } {
		file = staging "/" key[$2] "/sum"
		print $1 >file
		close(file)
	}' keys/made -
# Another build may have been faster.
cut -d' ' -f1 keys/made | (cd "$staging" && xargs mv -n -t "$UC_CACHE") 2>/dev/null || true

# Bounded: those that were not used for the longest time go.
most=20000
entries=$(find "$UC_CACHE" -mindepth 1 -maxdepth 1 -printf '%T@ %f\n')
if [ "$(echo "$entries" | wc -l)" -gt $most ]; then
	echo "$entries" | sort -n | head -n $((most / 4)) | cut -d' ' -f2 | (cd "$UC_CACHE" && xargs rm -rf)
fi
