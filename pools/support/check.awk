# SPDX-License-Identifier: GPL-2.0-or-later
#
# Tells which wishes a configuration does not fulfil, and why: what each symbol depends on, down to the
# symbol that is off. Reads the wishes (a .config, complete or not), then the resolved .config.
#
# Variables:
#   root        the root Kconfig
#   target      the target whose configuration it is; empty for the user's view, where symbols that
#               do not exist are told, too
# What a symbol misses only because of the target's platform or architecture is not worth a warning: the
# user's choices are common to all targets.

function fail(text) {
	print "warning: " text > "/dev/stderr"
}

# The wishes.
FILENAME == ARGV[1] {
	if (match($0, /^CONFIG_[A-Za-z0-9_]+=/)) {
		name = substr($0, 8, RLENGTH - 8)
		wish[name] = substr($0, RLENGTH + 1)
		order[wishes++] = name
	}
	next
}

# The result.
match($0, /^CONFIG_[A-Za-z0-9_]+=/) {
	value[substr($0, 8, RLENGTH - 8)] = substr($0, RLENGTH + 1)
}

END {
	value["UC_PLAT"] = "\"" ENVIRON["UC_PLAT"] "\""
	value["UC_ARCH"] = "\"" ENVIRON["UC_ARCH"] "\""
	read_kconfig(root)
	for (i = 0; i < wishes; i++)
		judge(order[i], wish[order[i]])
}

function judge(name, want,  have) {
	have = name in value ? value[name] : "n"
	if (have == want || want == "n" || want == "\"\"")
		return
	if (!(name in defined)) {
		if (target == "")
			fail(name " is asked for, but there is no such symbol")
		return
	}
	blame = ""
	reason = why(name, 0)
	if (target != "" && blame ~ /^(PLAT|ARCH|TARGET)_/)
		return
	fail((target == "" ? "" : target ": ") name " is asked to be " want ", but is " have \
		(reason == "" ? other_reason(name) : ": " reason))
}

function other_reason(name) {
	if (name in choice)
		return ": another option of its choice is set"
	if (!(name in prompted))
		return ": it cannot be set, but follows from others"
	return ": it is out of range, or something forces it"
}
