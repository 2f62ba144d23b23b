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

case $(uname -m) in
aarch64) own=arm64 ;;
armv7l | armv8l) own=arm ;;
*) own=$(uname -m) ;;
esac

# $1 is QEMU's program, the rest are the machine. The command line is in $line, the image in $image.
line=$*
machine() {
	exec "$@" -m 64M -nodefaults -no-user-config -display none -serial mon:stdio -no-reboot \
		-kernel "$image" -append "$line"
}

installed() {
	command -v "$1" >/dev/null
}

for target in $targets; do
	image=$build/${app}_$target
	case $target in
	linuxu-"$own") exec "$image" "$@" ;;
	# QEMU's user mode has no seccomp.
	linuxu-arm64)
		installed qemu-aarch64 && exec env UC_SECCOMP=optional qemu-aarch64 "$image" "$@"
		;;
	linuxu-arm)
		installed qemu-arm && exec env UC_SECCOMP=optional qemu-arm "$image" "$@"
		;;
	kvm-x86_64)
		installed qemu-system-x86_64 && machine qemu-system-x86_64 -M microvm -accel kvm -accel tcg
		;;
	kvm-arm64)
		installed qemu-system-aarch64 && machine qemu-system-aarch64 -M virt -cpu cortex-a57
		;;
	kvm-arm)
		installed qemu-system-arm && machine qemu-system-arm -M virt -cpu cortex-a15
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
