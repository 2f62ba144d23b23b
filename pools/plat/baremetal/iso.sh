#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# iso.sh <image> [<argument>...]
#
# Makes <image>.iso: a disc, or the content of a USB stick, from which GRUB boots the image with these
# arguments.
set -eu
image=$1
shift
if ! command -v grub-mkrescue >/dev/null || ! command -v xorriso >/dev/null; then
	echo 'error: grub-mkrescue is not installed. On Debian: apt-get install grub-common grub-pc-bin xorriso mtools' >&2
	exit 1
fi
folder=$image.disc
rm -rf "$folder"
mkdir -p "$folder/boot/grub"
cp "$image" "$folder/boot/image"
{
	printf 'set timeout=0\nmultiboot2 /boot/image'
	for argument in "$@"; do
		printf " '%s'" "$(printf '%s' "$argument" | sed "s/'/'\\\\''/g")"
	done
	printf '\nboot\n'
} >"$folder/boot/grub/grub.cfg"
# The same input gives the same disc. Only the modules that are needed: others take time to load.
find "$folder" -exec touch -d @0 {} +
if ! SOURCE_DATE_EPOCH=0 grub-mkrescue -d /usr/lib/grub/i386-pc --compress=xz --locales= --fonts= --themes= \
	--install-modules='biosdisk iso9660 multiboot2 normal' -o "$image.iso.new" "$folder" >"$folder.log" 2>&1; then
	cat "$folder.log" >&2
	exit 1
fi
rm -rf "$folder" "$folder.log"
mv "$image.iso.new" "$image.iso"
