#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# sources.sh <folder> <library folder>... -- <arch or plat folder>...
#
# Writes the files by which the root Kconfig finds those of libraries and targets: lib.kconfig,
# plat.kconfig, arch.kconfig. A file that would not change keeps its time.
set -eu

folder=$1
shift
mkdir -p "$folder"

put() {
	if [ -e "$folder/$1" ] && cmp -s "$folder/$1.new" "$folder/$1"; then
		rm "$folder/$1.new"
	else
		mv "$folder/$1.new" "$folder/$1"
	fi
}

: >"$folder/lib.kconfig.new"
: >"$folder/plat.kconfig.new"
: >"$folder/arch.kconfig.new"
kind=lib
for entry in "$@"; do
	case $entry in
	--) kind=target && continue ;;
	*/plat/*) file=plat ;;
	*/arch/*) file=arch ;;
	*) file=lib ;;
	esac
	[ $kind = target ] || file=lib
	printf 'source "%s/Kconfig"\n' "$entry" >>"$folder/$file.kconfig.new"
done
put lib.kconfig
put plat.kconfig
put arch.kconfig
