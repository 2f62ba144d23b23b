# SPDX-License-Identifier: GPL-2.0-or-later
#
# Functions that read Kconfig files, and tell why a symbol is what it is. Needs value[symbol], the
# resolved configuration; read_kconfig(file) fills in the rest.

# Why a symbol's dependencies are not met; empty if they are. Sets blame to the innermost symbol.
function why(name, depth,  k, n, parts, text, i) {
	if (depth > 8)
		return ""
	text = ""
	for (k = 1; k <= count[name]; k++) {
		# A symbol defined in several places needs one of them.
		if (truth(needs[name, k]))
			return ""
		if (text != "")
			continue
		n = conjuncts(needs[name, k], parts)
		for (i = 1; i <= n; i++)
			if (!truth(parts[i])) {
				parts[i] = unwrap(parts[i])
				text = "it needs " parts[i] chain(parts[i], depth + 1)
				break
			}
	}
	return text
}

function chain(expression, depth,  inner) {
	if (expression !~ /^[A-Za-z0-9_]+$/) {
		blame = expression
		return ""
	}
	blame = expression
	if (!(expression in defined))
		return ", which does not exist"
	inner = why(expression, depth)
	if (inner == "")
		return ", which is off"
	sub(/^it/, "which", inner)
	return ", " inner
}

# Cuts an expression at each && that is not within parentheses.
function conjuncts(expression, parts,  i, level, n, c, at) {
	n = 0
	at = 1
	level = 0
	for (i = 1; i <= length(expression); i++) {
		c = substr(expression, i, 1)
		if (c == "(")
			level++
		else if (c == ")")
			level--
		else if (level == 0 && substr(expression, i, 2) == "&&") {
			parts[++n] = strip(substr(expression, at, i - at))
			at = i + 2
			i++
		}
	}
	parts[++n] = strip(substr(expression, at))
	# A conjunct that is a conjunction in parentheses is opened.
	if (n == 1 && parts[1] ~ /^\(.*\)$/ && whole(parts[1]))
		return conjuncts(substr(parts[1], 2, length(parts[1]) - 2), parts)
	return n
}

# Without the parentheses around all of it.
function unwrap(expression) {
	while (expression ~ /^\(.*\)$/ && whole(expression))
		expression = strip(substr(expression, 2, length(expression) - 2))
	return expression
}

# Whether the first parenthesis closes at the end.
function whole(expression,  i, level, c) {
	level = 0
	for (i = 1; i <= length(expression); i++) {
		c = substr(expression, i, 1)
		level += c == "(" ? 1 : c == ")" ? -1 : 0
		if (level == 0 && i < length(expression))
			return 0
	}
	return 1
}

function strip(text) {
	gsub(/^[ \t]+|[ \t]+$/, "", text)
	return text
}

# Evaluates an expression: or, and, comparison, not, in the order of Kconfig's grammar.
function truth(expression) {
	rest = expression
	return expression == "" ? 1 : disjunction()
}

function disjunction(  v) {
	v = conjunction()
	while (skip("||"))
		v = conjunction() || v
	return v
}

function conjunction(  v) {
	v = comparison()
	while (skip("&&"))
		v = comparison() && v
	return v
}

function comparison(  v, left) {
	rest = strip(rest)
	if (skip("!"))
		return !comparison()
	if (skip("(")) {
		v = disjunction()
		skip(")")
		return v
	}
	left = atom()
	if (skip("!="))
		return left != atom()
	if (skip("="))
		return left == atom()
	return left == "y" || left == "m"
}

function atom(  name) {
	rest = strip(rest)
	if (match(rest, /^"[^"]*"/) || match(rest, /^'[^']*'/)) {
		name = substr(rest, 2, RLENGTH - 2)
		rest = substr(rest, RLENGTH + 1)
		return name
	}
	if (!match(rest, /^[A-Za-z0-9_.-]+/)) {
		rest = ""
		return "n"
	}
	name = substr(rest, 1, RLENGTH)
	rest = substr(rest, RLENGTH + 1)
	if (name == "y" || name == "n" || name == "m" || name ~ /^[0-9]/)
		return name
	if (!(name in value))
		return "n"
	name = value[name]
	gsub(/^"|"$/, "", name)
	return name
}

function skip(token) {
	rest = strip(rest)
	if (substr(rest, 1, length(token)) != token)
		return 0
	if (token == "!" && substr(rest, 1, 2) == "!=")
		return 0
	rest = substr(rest, length(token) + 1)
	return 1
}

# What the blocks around an entry need, and it itself.
function both(a, b) {
	if (a == "" || b == "")
		return a b
	return "(" a ") && (" b ")"
}

function open_block(kind) {
	blocks++
	block_kind[blocks] = kind
	block_needs[blocks] = block_needs[blocks - 1]
	symbol = ""
}

function begin_symbol(name) {
	symbol = name
	defined[name] = 1
	needs[name, ++count[name]] = block_needs[blocks]
	if (block_kind[blocks] == "choice")
		choice[name] = 1
}

function depends(expression) {
	if (symbol != "")
		needs[symbol, count[symbol]] = both(needs[symbol, count[symbol]], expression)
	else if (blocks > 0)
		block_needs[blocks] = both(block_needs[blocks], expression)
}

# The condition behind `if` at the end of a line.
function condition(line) {
	return match(line, /[ \t]if[ \t]/) ? strip(substr(line, RSTART + RLENGTH)) : ""
}

function selection(target, line) {
	selectors[target] = selectors[target] " " symbol
	select_if[symbol, target] = condition(line)
}

function default_line(line) {
	sub(/^[a-z_]+[ \t]+/, "", line)
	default_of[symbol, ++default_count[symbol]] = line
}

# The symbols that select one at present, separated by blanks.
function active_selectors(name,  list, n, i, found) {
	n = split(selectors[name], list, " ")
	for (i = 1; i <= n; i++)
		if (truth(list[i]) && truth(select_if[list[i], name]))
			found = found (index(found " ", " " list[i] " ") ? "" : " " list[i])
	return substr(found, 2)
}

# The default that holds at present, as it is written, or nothing.
function active_default(name,  i) {
	for (i = 1; i <= default_count[name]; i++)
		if (truth(condition(default_of[name, i])))
			return default_of[name, i]
	return ""
}

function indent(line,  i, n) {
	n = 0
	for (i = 1; i <= length(line); i++) {
		if (substr(line, i, 1) == "\t")
			n += 8 - n % 8
		else if (substr(line, i, 1) == " ")
			n++
		else
			break
	}
	return n
}

function expand(path,  name) {
	gsub(/"/, "", path)
	while (match(path, /\$[A-Z_]+/)) {
		name = substr(path, RSTART + 1, RLENGTH - 1)
		path = substr(path, 1, RSTART - 1) ENVIRON[name] substr(path, RSTART + RLENGTH)
	}
	return path
}

function read_kconfig(file,  line, words, helping, help_indent) {
	helping = 0
	while ((getline line < file) > 0) {
		if (helping) {
			if (line ~ /^[ \t]*$/)
				continue
			if (helping == 1) {
				help_indent = indent(line)
				helping = 2
			}
			if (indent(line) >= help_indent && help_indent > 0)
				continue
			helping = 0
		}
		sub(/[ \t]#.*$|^#.*$/, "", line)
		line = strip(line)
		split(line, words, /[ \t]+/)
		if (words[1] == "config" || words[1] == "menuconfig") {
			begin_symbol(words[2])
			if (!(words[2] in home))
				home[words[2]] = file
		}
		else if (words[1] == "choice" || words[1] == "menu")
			open_block(words[1])
		else if (words[1] == "if") {
			open_block("if")
			depends(strip(substr(line, 3)))
		} else if (words[1] ~ /^end(choice|menu|if)$/) {
			blocks--
			symbol = ""
		} else if (words[1] == "depends")
			depends(strip(substr(line, index(line, "on") + 2)))
		else if (words[1] == "select" && symbol != "")
			selection(words[2], line)
		else if (words[1] ~ /^(default|def_bool|def_tristate)$/ && symbol != "")
			default_line(line)
		else if (words[1] ~ /^(bool|int|hex|string|tristate|prompt)$/ && words[2] != "" && symbol != "")
			prompted[symbol] = 1
		else if (words[1] == "comment")
			symbol = "comment " ++comments
		else if (words[1] == "help" || words[1] == "---help---")
			helping = 1
		else if (words[1] == "source")
			read_kconfig(expand(words[2]))
	}
	close(file)
}
