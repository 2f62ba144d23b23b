#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# reasons.sh <target folder> [<symbol>]
#
# Prints why the symbol has its value in the target, or the graph of the target's libraries.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$1"
target=${1##*/}
UC_PLAT=${target%%-*}
UC_ARCH=${target#*-}
export UC_PLAT UC_ARCH
awk -v root="$UC_POOLS/Kconfig" -v target="$target" -v name="${2:-}" \
	-f "$here/kconfig.awk" -f "$here/reasons.awk" choices .config libraries
