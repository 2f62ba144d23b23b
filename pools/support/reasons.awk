# SPDX-License-Identifier: GPL-2.0-or-later
#
# Why a symbol has its value in one target's configuration, or which libraries the target has and why.
# Reads the target's choices, its .config, and its list of libraries.
#
# Variables: root, the root Kconfig; target; name, the symbol, or empty for a graph of the libraries in
# the language of graphviz.

FILENAME == "choices" && match($0, /^CONFIG_[A-Za-z0-9_]+=/) {
	chosen[substr($0, 8, RLENGTH - 8)] = substr($0, RLENGTH + 1)
}

FILENAME == ".config" && match($0, /^CONFIG_[A-Za-z0-9_]+=/) {
	value[substr($0, 8, RLENGTH - 8)] = substr($0, RLENGTH + 1)
}

FILENAME == "libraries" && NF == 2 {
	library[++libraries] = $1
	at[$2] = $1
}

END {
	value["UC_PLAT"] = "\"" ENVIRON["UC_PLAT"] "\""
	value["UC_ARCH"] = "\"" ENVIRON["UC_ARCH"] "\""
	read_kconfig(root)
	if (name == "")
		graph()
	else
		explain()
}

function say(text) {
	print "  " text
}

function explain(  have, selected, text) {
	if (!(name in defined)) {
		print target ": there is no symbol " name
		exit 1
	}
	have = name in value ? value[name] : "n"
	print target ": " name "=" have
	selected = active_selectors(name)
	text = active_default(name)
	if (selected != "")
		say("selected by " selected)
	if (name in chosen)
		say("chosen in the configuration")
	else if (name in choice)
		say(have == "y" ? "its choice takes it" : "its choice takes another option")
	else if (text != "")
		say("default " text)
	else if (selected == "")
		say("it has no default that holds")
	if (have != "n")
		return
	text = why(name, 0)
	if (text != "")
		say("to turn it on: " text)
	else if (name in prompted)
		say("to turn it on: set CONFIG_" name "=y, or choose it in make menuconfig")
	else
		say("to turn it on: turn on what selects it:" (selectors[name] == "" ? " nothing does" : selectors[name]))
}

# The library whose Kconfig defines a symbol.
function owner(symbol,  folder) {
	folder = home[symbol]
	sub(/\/Kconfig[^\/]*$/, "", folder)
	return folder in at ? at[folder] : ""
}

function symbol_of(library,  text) {
	text = library
	sub(/^.*\//, "", text)
	gsub(/-/, "_", text)
	return "LIB" toupper(text)
}

function graph(  i, j, n, list, symbol, from, why_there) {
	print "digraph \"" target "\" {"
	print "\trankdir=LR; node [shape=box, fontname=\"sans-serif\"]; edge [fontname=\"sans-serif\", fontsize=10];"
	for (i = 1; i <= libraries; i++) {
		symbol = symbol_of(library[i])
		why_there = ""
		if (library[i] ~ /^lib\//) {
			n = split(active_selectors(symbol), list, " ")
			why_there = symbol in chosen ? "chosen" : n > 0 ? "selected" : "default"
		}
		print "\t\"" library[i] "\"" (why_there == "" ? " [style=bold]" : \
			" [label=\"" library[i] "\\n" why_there "\"]") ";"
		for (j = 1; why_there != "" && j <= n; j++) {
			from = owner(list[j])
			print "\t\"" (from == "" ? list[j] : from) "\" -> \"" library[i] "\" [label=\"" list[j] "\"];"
		}
	}
	print "}"
}
