#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# choices.sh <build folder> <configuration>
#
# Resolves a configuration, complete or not, in the user's view: all chosen targets at once. Writes
#   common.config  the result
#   choices        what of it differs from the defaults: what the user really chose
#   targets.mk     the list of targets, for make
set -eu

build=$1
input=$2
here=${0%/*}

if [ ! -r "$input" ]; then
	echo "error: no configuration: $input does not exist. Run make menuconfig, or name a file with UC_CONFIG=" >&2
	exit 1
fi
if ! command -v "$KCONFIG_CONF" >/dev/null; then
	echo "error: $KCONFIG_CONF is not installed. On Debian: apt-get install kconfig-frontends" >&2
	exit 1
fi

# Otherwise kconfig-conf writes a temporary file into the current folder, which may be read-only.
export KCONFIG_OVERWRITECONFIG=1
resolve() {
	KCONFIG_CONFIG=$build/common.config "$KCONFIG_CONF" "$@" "$UC_POOLS/Kconfig" \
		>"$build/kconfig.log" 2>&1 || { cat "$build/kconfig.log" >&2; exit 1; }
}

cat "$input" >"$build/common.config"
resolve --olddefconfig
cp "$build/kconfig.log" "$build/common.log"
resolve --savedefconfig="$build/choices.new"
# A symbol that is asked for, but not to be had in the user's view, may still be in a target's.
sed -n 's/^\(CONFIG_[A-Za-z0-9_]*\)=y$/\1/p' "$input" | while read -r symbol; do
	grep -q "^$symbol=y\$" "$build/common.config" || echo "$symbol=y"
done >"$build/missed"
cat "$build/missed" >>"$build/choices.new"

if [ -e "$build/choices" ] && cmp -s "$build/choices.new" "$build/choices"; then
	rm "$build/choices.new"
else
	mv "$build/choices.new" "$build/choices"
fi

awk -v root="$UC_POOLS/Kconfig" -v target= -f "$here/kconfig.awk" -f "$here/check.awk" "$input" "$build/common.config"

targets=$(sed -n 's/^CONFIG_TARGET_\([A-Z0-9]*\)_\([A-Z0-9_]*\)=y$/\1-\2/
	t target
	d
	:target
	y/ABCDEFGHIJKLMNOPQRSTUVWXYZ/abcdefghijklmnopqrstuvwxyz/
	p' "$build/common.config" | sort)
# shellcheck disable=SC2086 # a word for each
echo TARGETS := $targets >"$build/targets.mk"
