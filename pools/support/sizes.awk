# SPDX-License-Identifier: GPL-2.0-or-later
#
# From the linker's map, the bytes that each library has in the image. Variable: libraries.

BEGIN {
	OFS = "\t"
	n = split(libraries, names, " ")
	for (i = 1; i <= n; i++)
		known[names[i]] = 1
}

function number(hex,  value, i) {
	value = 0
	for (i = 3; i <= length(hex); i++)
		value = value * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1
	return value
}

function kind(output) {
	if (output ~ /^\.text/)
		return "code"
	if (output ~ /^\.bss/)
		return "bss"
	if (output ~ /^\.data/)
		return "data"
	return "constants"
}

# What the linker left out stands before this line.
/^Linker script and memory map/ {
	on = 1
}
!on {
	next
}

# An output section begins in the first column: .text 0x... 0x...
/^[._a-zA-Z]/ {
	output = $1
	discarded = output == "/DISCARD/" || output ~ /^\.(debug|symtab|strtab|shstrtab|comment)/
}

# An input section: name (on a line of its own if it is long), address, size, file.
/^ [._a-zA-Z*]/ {
	name = $1
}

!discarded && NF >= 3 && $(NF - 2) ~ /^0x/ && $(NF - 1) ~ /^0x/ && $NF ~ /\.o$/ {
	library = $NF
	sub(/\.o$/, "", library)
	if (!(library in known))
		library = "(generated)"
	if ($0 ~ /^ \*fill\*/)
		next
	size[library, kind(output)] += number($(NF - 1))
	seen[library] = 1
}

function line(name,  c, k, d, b) {
	c = size[name, "code"] + 0
	k = size[name, "constants"] + 0
	d = size[name, "data"] + 0
	b = size[name, "bss"] + 0
	print name, c, k, d, b, c + k + d + b
	total_c += c
	total_k += k
	total_d += d
	total_b += b
}

END {
	print "library", "code", "constants", "data", "bss", "total"
	names[++n] = "(generated)"
	for (i = 1; i <= n; i++)
		if (names[i] in seen)
			line(names[i])
	print "total", total_c + 0, total_k + 0, total_d + 0, total_b + 0, \
		total_c + total_k + total_d + total_b
}
