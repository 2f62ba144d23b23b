#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# notes.sh <app> <target> <configuration hash> <libraries> <build id>
#
# Writes assembly for the ELF notes that describe an image: name "Unicore", types as in README.md.
# Linker scripts keep the section .note.unicore in a segment of type PT_NOTE, and define
# uc_memory_min.
set -eu

# $1 is the type, $2 the directives of the content.
note() {
	printf '\t.balign 4\n\t.long 8, 2f - 1f, %s\n\t.asciz "Unicore"\n1:\t%s\n2:\n' "$1" "$2"
}

hash() {
	rest=$1
	bytes=
	while [ -n "$rest" ]; do
		after=${rest#??}
		bytes="$bytes${bytes:+,}0x${rest%"$after"}"
		rest=$after
	done
	echo ".byte $bytes"
}

echo '	.section .note.unicore, "a", %note'
note 1 ".asciz \"$1\""
note 2 ".asciz \"$2\""
note 3 "$(hash "$3")"
note 4 "$(for library in $4; do printf '.asciz "%s"\n' "$library"; done)"
# 64 bits, of which no architecture needs the upper half.
note 5 ".long uc_memory_min, 0"
note 6 "$(hash "$5")"
echo '	.balign 4'
echo '	.section .note.GNU-stack, "", %progbits'
