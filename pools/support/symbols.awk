# SPDX-License-Identifier: GPL-2.0-or-later
#
# From `nm -n`, assembly for the table of functions that lib/panic searches: uc_symbol_count, then
# uc_symbols (address, offset of the name) in ascending order, then uc_symbol_names. The last entry is
# the end of the code.

BEGIN {
	count = 0
}

$2 ~ /^[tTwW]$/ && $3 !~ /^uc_(image_start|text_end)$/ {
	if ($1 == last)
		next
	last = $1
	addresses[count] = $1
	names[count++] = $3
}

$3 == "uc_text_end" {
	end = $1
}

END {
	print "\t.section .rodata.uc_symbols, \"a\", %progbits"
	print "\t.globl uc_symbol_count, uc_symbols, uc_symbol_names"
	print "\t.balign 4"
	print "uc_symbol_count:\n\t.long " count + 1
	print "uc_symbols:"
	for (i = 0; i < count; i++)
		print "\t.long 0x" addresses[i] ", " offset(names[i])
	print "\t.long 0x" end ", 0"
	print "uc_symbol_names:"
	for (i = 0; i < count; i++)
		print "\t.asciz \"" names[i] "\""
	print "\t.section .note.GNU-stack, \"\", %progbits"
}

function offset(name,  at) {
	at = total + 0
	total += length(name) + 1
	return at
}
