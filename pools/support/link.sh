#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# link.sh <target folder> <image>
#
# Joins the libraries into an image: <image>, <image>.dbg with symbols, <image>.sizes.
set -eu
folder=$1
image=$2
. "$folder/link.env"

objects=
for library in $LIBRARIES; do
	objects="$objects $folder/$library.o"
done
# shellcheck disable=SC2086
"${CROSS}ld" $LDFLAGS -T "$LDSCRIPT" --gc-sections --build-id=none -Map="$folder/map" \
	-o "$image.dbg" $objects
"${CROSS}objcopy" --strip-all "$image.dbg" "$image"
