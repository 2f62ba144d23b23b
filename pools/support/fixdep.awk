# SPDX-License-Identifier: GPL-2.0-or-later
#
# Turns the compiler's list of an object's headers into the rule that depend.awk describes.
#
# Variables: object, the object's name; config, the folder with a file for each symbol.

function use(symbol) {
	if (symbol == "" || symbol in used)
		return
	used[symbol] = 1
	symbols = symbols " " symbol
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

{
	for (i = 1; i <= NF; i++) {
		if ($i == "\\" || $i ~ /:$/ || $i ~ /\/autoconf\.h$/ || $i in seen)
			continue
		seen[$i] = 1
		files[++count] = $i
		scan($i)
		use(owner($i))
	}
}

END {
	print dependencies(object, files, count, symbols)
}
