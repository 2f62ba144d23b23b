#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh <target folder> <target's symbol>
#
# Compares what the user wanted with what came out. Warnings go to standard error, errors to the file
# `errors` in the target's folder.
set -eu
folder=$1
symbol=$2
here=${0%/*}
cd "$folder"

grep -q "^CONFIG_$symbol=y" .config || echo "error: there is no target ${folder##*/}" >>errors
sed -n 's/^warning: (\(.*\)) selects \([A-Z0-9_]*\) which has unmet direct dependencies (\(.*\))$/error: \1 selects \2, which needs \3: that is not met/p' \
	kconfig.log | sort -u >>errors
# What the user's view misses already has been told.
grep -vxFf ../missed choices >wishes || true
awk -v root="$UC_POOLS/Kconfig" -v target="${folder##*/}" -f "$here/kconfig.awk" -f "$here/check.awk" wishes .config
