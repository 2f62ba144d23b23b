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
	if [ ! -e "$folder/$1" ] || [ "$(cat "$folder/$1")" != "${2%?}" ]; then
		printf '%s' "$2" >"$folder/$1"
	fi
}

lib=
plat=
arch=
kind=lib
for entry in "$@"; do
	case $entry in
	--) kind=target && continue ;;
	esac
	line="source \"$entry/Kconfig\"
"
	case $kind$entry in
	target*/plat/*) plat=$plat$line ;;
	target*/arch/*) arch=$arch$line ;;
	*) lib=$lib$line ;;
	esac
done
put lib.kconfig "$lib"
put plat.kconfig "$plat"
put arch.kconfig "$arch"
