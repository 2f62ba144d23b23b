#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# target.sh <target> <make>
#
# Resolves the user's choices for one target, and writes what is to be compiled and linked for it.
# In <build folder>/<target>:
#   .config, auto.mk, autoconf.h     the configuration, for people, make and C
#   include/config/                  a file for each symbol, whose time tells of its last change
#   rules.mk                         the rules of the build
# What is wrong with the configuration becomes a rule that says so and fails, so that other targets
# are built nevertheless.
set -eu

target=$1
make=$2
here=${0%/*}
build=${UC_SOURCES%/kconfig}
folder=$build/$target
UC_PLAT=${target%%-*}
UC_ARCH=${target#*-}
export UC_PLAT UC_ARCH

mkdir -p "$folder/include/config"
cd "$folder"
export KCONFIG_CONFIG=.config KCONFIG_AUTOCONFIG=auto.conf KCONFIG_AUTOHEADER=autoconf.h \
	KCONFIG_TRISTATE=tristate.conf

symbol=TARGET_$(echo "$target" | tr 'a-z-' 'A-Z_')
{
	grep -v '^CONFIG_TARGET_' ../choices || true
	echo "CONFIG_$symbol=y"
} >choices
: >errors
if ! "$KCONFIG_CONF" --defconfig=choices "$UC_POOLS/Kconfig" >kconfig.log 2>&1 ||
	! "$KCONFIG_CONF" --silentoldconfig "$UC_POOLS/Kconfig" >>kconfig.log 2>&1; then
	cat kconfig.log >errors
fi
# For make, a value is text: it must not be expanded, nor end at a number sign.
[ ! -e auto.conf ] || sed '/^#/d; s/[$]/$$/g; s/#/\\#/g' auto.conf >auto.mk
sh "$here/check.sh" "$folder" "$symbol"

"$make" -s --no-print-directory -rR -f "$here/flatten.mk" FOLDER="$folder" UC_TARGET="$target" B="$build"
[ -s errors ] || sh "$here/restore.sh" "$folder"
