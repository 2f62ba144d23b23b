#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# finish.sh <image> <app> <target>
#
# Writes what `xl create` wants to know of the image (xl.cfg(5)): <image>.xl starts it as a PVH guest,
# <image>-pv.xl as a PV guest. The image is named without a folder, so that the files can be moved
# together: xl looks where it is called.
set -eu
image=$1
app=$2
target=$3

. ./link.env
least=$("${CROSS}nm" image.dbg | sed -n 's/^0*\([0-9a-f]*\) . uc_memory_min$/\1/p')
mebibytes=$((0x$least >> 20))

# $1 is the suffix, $2 the kind, $3 how many MiB it gets.
write() {
	cat >"$image$1.xl" <<END
# $app for $target, as a guest of kind $2. In this folder: xl create -c ${image##*/}$1.xl
name = "$app"
type = "$2"
kernel = "${image##*/}"
# The arguments of main.
extra = ""
# The least that it boots in: more is for the application.
memory = $3
vcpus = 1
END
}

write '' pvh $mebibytes
rm -f "$image-pv.xl"
# Page tables and what Xen's builder leaves in memory take about as much again.
! grep -q '^CONFIG_XEN_PV=y' .config || write -pv pv $((mebibytes + 2))
