#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# link.sh <target folder> <image>
#
# Joins the libraries into an image. Writes <image>.dbg with symbols, <image>.sizes, what the platform's
# finish.sh makes, and last <image>.
# The build id is the SHA-256 of what goes in: the libraries, the linker script, the configuration.
set -eu
folder=$1
image=$2
here=${0%/*}
. "$folder/link.env"
cd "$folder"

objects=
for library in $LIBRARIES; do
	objects="$objects $library.o"
done

sha256() {
	sum=$(sha256sum)
	echo "${sum%% *}"
}

# The configuration counts by its symbols: comments and order do not.
configuration=$(grep '^CONFIG_' .config | sort | sha256)
# shellcheck disable=SC2086
build_id=$({
	echo "$APP $TARGET $LIBRARIES $LDFLAGS $OBJCOPY_FLAGS $configuration"
	cat $objects "$LDSCRIPT" "$here/link.sh" "$here/notes.sh"
} | sha256)

assemble() {
	# shellcheck disable=SC2086
	"${CROSS}as" $ASFLAGS -o "$1.o" "$1.s"
}

# $1 is the output, the rest are more objects.
join() {
	output=$1
	shift
	# shellcheck disable=SC2086
	if ! "${CROSS}ld" $LDFLAGS -T "$LDSCRIPT" --gc-sections --build-id=none -Map=map \
		-o "$output" $objects notes.o "$@" 2>link.log; then
		awk -v libraries="$LIBRARIES" -v folder="$folder" -f "$here/explain.awk" link.log $EXPORTS >&2
		rm -f "$output"
		exit 1
	fi
}

sh "$here/notes.sh" "$APP" "$TARGET" "$configuration" "$LIBRARIES" "$build_id" >notes.s
assemble notes
if [ "$SYMBOLS" = y ]; then
	# The table lies behind all code, so that the addresses of the first pass stay right.
	join first.elf
	"${CROSS}nm" -n first.elf | awk -f "$here/symbols.awk" >symbols.s
	assemble symbols
	join image.dbg symbols.o
	rm first.elf
else
	join image.dbg
fi
[ ! -s link.log ] || cat link.log >&2
awk -v libraries="$LIBRARIES" -f "$here/sizes.awk" map >image.sizes
# shellcheck disable=SC2086
"${CROSS}objcopy" $OBJCOPY_FLAGS image.dbg image.new
[ -z "$FINISH" ] || sh "$FINISH" "$image" "$APP" "$TARGET"
mv image.dbg "$image.dbg"
mv image.sizes "$image.sizes"
mv image.new "$image"
