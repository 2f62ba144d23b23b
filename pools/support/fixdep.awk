# SPDX-License-Identifier: GPL-2.0-or-later
#
# Turns the compiler's list of an object's headers into rules in which the object depends on the
# configuration symbols that it uses, not on the whole configuration. The idea is that of Linux's
# fixdep: every CONFIG_X in the text of the source or a header counts as a use of X. Besides, an object
# that includes a library's header depends on the symbol that selects the library.
#
# Variables: object, the object's name; config, the folder with a file for each symbol.

function stamp(symbol) {
	gsub(/_/, "/", symbol)
	return config "/" tolower(symbol) ".h"
}

function use(symbol) {
	if (!(symbol in used)) {
		used[symbol] = 1
		stamps = stamps " \\\n " "$(wildcard " stamp(symbol) ")"
	}
}

function scan(file,  line) {
	while ((getline line < file) > 0) {
		while (match(line, /CONFIG_[A-Z0-9_]+/)) {
			use(substr(line, RSTART + 7, RLENGTH - 7))
			line = substr(line, RSTART + RLENGTH)
		}
	}
	close(file)
}

function owner(file,  parts, n, i) {
	n = split(file, parts, "/")
	for (i = n - 1; i > 2; i--)
		if (parts[i] == "include" && (parts[i - 2] == "lib" || parts[i - 2] == "ext")) {
			gsub(/-/, "_", parts[i - 1])
			return "LIB" toupper(parts[i - 1])
		}
	return ""
}

{
	for (i = 1; i <= NF; i++) {
		if ($i == "\\" || $i ~ /:$/ || $i ~ /\/autoconf\.h$/ || $i in seen)
			continue
		seen[$i] = 1
		files = files " \\\n " $i
		if (!first)
			first = $i
		else
			phony = phony "\n" $i ":"
		scan($i)
		symbol = owner($i)
		if (symbol != "")
			use(symbol)
	}
}

END {
	print object ":" files stamps
	# A header that is gone makes the object out of date instead of stopping make.
	print phony
}
