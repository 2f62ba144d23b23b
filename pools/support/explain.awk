# SPDX-License-Identifier: GPL-2.0-or-later
#
# From the linker's messages, then the lists of exports of all libraries that there are: what is
# missing, which library needs it, and who has it. Variables: libraries (selected), folder.

BEGIN {
	n = split(libraries, names, " ")
	for (i = 1; i <= n; i++)
		selected[names[i]] = 1
}

FILENAME ~ /link\.log$/ {
	if ($0 !~ /undefined reference to/) {
		if ($0 !~ /: in function /)
			other = other "error: " $0 "\n"
		else
			remember($0)
		next
	}
	remember($0)
	symbol = $0
	sub(/.*undefined reference to ./, "", symbol)
	sub(/.$/, "", symbol)
	needs[symbol] = needs[symbol] (index(" " needs[symbol] " ", " " library " ") ? "" : " " library)
	next
}

# An export: the list's folder is the library.
$1 in needs {
	list = FILENAME
	sub(/\/exports$/, "", list)
	k = split(list, parts, "/")
	has[$1] = parts[k - 1] "/" parts[k]
}

# ld: <folder>/lib/x.o: in function `f':
function remember(text,  name) {
	name = text
	if (!match(name, /(app|arch|plat|lib)\/[^\/ :]+\.o/))
		return
	library = substr(name, RSTART, RLENGTH - 2)
}

END {
	for (symbol in needs) {
		message = "error:" needs[symbol] " needs " symbol ", which "
		if (!(symbol in has))
			message = message "no library exports"
		else if (has[symbol] in selected)
			message = message has[symbol] " lists in its exports but does not define in this configuration"
		else {
			config = has[symbol]
			sub(/.*\//, "", config)
			gsub(/-/, "_", config)
			message = message has[symbol] " exports: select LIB" toupper(config)
		}
		print message
	}
	printf "%s", other
}
