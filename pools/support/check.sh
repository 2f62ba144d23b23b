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
cd "$folder"
if ! grep -q "^CONFIG_$symbol=y" .config; then
	echo "error: there is no target ${folder##*/}" >>errors
fi
grep 'unmet direct dependencies' kconfig.log >>errors || true
