# SPDX-License-Identifier: GPL-2.0-or-later
#
# Functions that write what an object depends on, for make. The object depends on the files that it
# is made of, and on the configuration symbols that it uses, not on the whole configuration. The idea
# is that of Linux's fixdep: every CONFIG_X in the text of the source or a header counts as a use of
# X. Besides, an object that includes a library's header depends on the symbol that selects the library.
#
# Variable: config, the folder with a file for each symbol.

function stamp(symbol) {
	gsub(/_/, "/", symbol)
	return config "/" tolower(symbol) ".h"
}

# The symbol of the library that a header belongs to, or nothing.
function owner(file,  parts, n, i) {
	n = split(file, parts, "/")
	for (i = n - 1; i > 2; i--)
		if (parts[i] == "include" && (parts[i - 2] == "lib" || parts[i - 2] == "ext")) {
			gsub(/-/, "_", parts[i - 1])
			return "LIB" toupper(parts[i - 1])
		}
	return ""
}

# The rule of one object: n files, the source first, and a list of symbols that is separated by
# blanks. A header that is gone makes the object out of date instead of stopping make.
function dependencies(object, files, n, symbols,  rule, phony, names, count, i) {
	rule = object ":"
	for (i = 1; i <= n; i++) {
		rule = rule " \\\n " files[i]
		if (i > 1)
			phony = phony "\n" files[i] ":"
	}
	count = split(symbols, names, " ")
	for (i = 1; i <= count; i++)
		rule = rule " \\\n $(wildcard " stamp(names[i]) ")"
	return rule "\n" phony
}
