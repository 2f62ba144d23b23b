#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run.sh <build folder> <app> <targets> [<argument>...]
#
# Runs the image of the first target that can run here.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$1
app=$2
targets=$3
shift 3

for target in $targets; do
	image=$build/${app}_$target
	case $target in
	linuxu-"$(uname -m)")
		exec "$image" "$@"
		;;
	kvm-x86_64)
		command -v qemu-system-x86_64 >/dev/null || continue
		exec qemu-system-x86_64 -M microvm -accel kvm -accel tcg -m 64M -nodefaults \
			-no-user-config -display none -serial mon:stdio -no-reboot -kernel "$image" -append "$*"
		;;
	baremetal-x86_64)
		command -v qemu-system-x86_64 >/dev/null && command -v grub-mkrescue >/dev/null || continue
		sh "$here/../plat/baremetal/iso.sh" "$image" "$@"
		exec qemu-system-x86_64 -M q35 -accel kvm -accel tcg -m 64M -nodefaults \
			-no-user-config -vga std -display none -serial mon:stdio -no-reboot -cdrom "$image.iso"
		;;
	esac
done
echo "error: nothing here can run one of: $targets" >&2
exit 1
