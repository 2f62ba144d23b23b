# SPDX-License-Identifier: GPL-2.0-or-later
#
# Names each object of a target by its content before it is made: by the SHA-256 of all that the
# compiler would read. Run in the target's folder by restore.sh; README.md tells what a key is for.
#
# Reads `sources` (a line for each object: library, source, object, its own flags), `libraries` (a line
# for each: name, folder), `includes`, each library's `cflags`, and `.config`. Writes into keys/:
#   list     <key> <object>: objects, then the joined libraries. The key is - if there is none
#   files    all files that are read, one a line
#   uses     <object> <line in files>...
#   sums     <SHA-256> <object> of those that the cache has and that are needed
#   copy     their folders in the cache, one a line
#   touch    these objects, and their entries in the cache
#   missing  <key> <object> of those that the cache does not have
# and, for each object that is copied, what it depends on, for make.
#
# What an #include names is looked for along the search path as the compiler does, whether or not the
# preprocessor would take it, and what is not there counts, too: so the key changes when a header
# appears that would hide another. A source whose includes cannot be told from its text has no key.
#
# keys/identity holds what the compiler says of itself.
#
# Variables: folder, build, app, app_name, pools: absolute paths that must not be in a key; config, as
# for depend.awk; support, this folder; cache, the cache.

# A path as the compiler writes it into an object.
function plain(path) {
	if (index(path, folder "/") == 1)
		return "build" substr(path, length(folder) + 1)
	if (index(path, build "/") == 1)
		return "build" substr(path, length(build) + 1)
	if (index(path, app "/") == 1)
		return "app/" app_name substr(path, length(app) + 1)
	if (index(path, pools "/") == 1)
		return "pools" substr(path, length(pools) + 1)
	return path
}

function exists(path,  line) {
	if (!(path in known)) {
		known[path] = (getline line < path) >= 0
		close(path)
	}
	return known[path]
}

function directory(path) {
	sub(/\/[^\/]*$/, "", path)
	return path
}

# Reads a file once: what it includes, which symbols it uses, whether it hides something from us.
function scan(file,  line, rest, name, next_one) {
	if (file in scanned)
		return
	scanned[file] = 1
	while ((getline line < file) > 0) {
		rest = line
		while (match(rest, /CONFIG_[A-Z0-9_]+/)) {
			name = substr(rest, RSTART + 7, RLENGTH - 7)
			if (index(symbols[file] " ", " " name " ") == 0)
				symbols[file] = symbols[file] " " name
			rest = substr(rest, RSTART + RLENGTH)
		}
		if (line ~ /__DATE__|__TIME__|__TIMESTAMP__|\.incbin|\.include/)
			opaque[file] = 1
		if (line !~ /(#|%:)[ \t]*(include|import|embed)|__has_(include|embed)/)
			continue
		next_one = line ~ /_next/
		if (match(line, /(include|include_next)[ \t]*\(?[ \t]*<[^>]+>/)) {
			name = substr(line, RSTART, RLENGTH - 1)
			sub(/^[^<]*</, "", name)
			wants[file] = wants[file] "\n" (next_one ? "*" : "<") name
		} else if (match(line, /include[ \t]*\(?[ \t]*"[^"]+"/)) {
			name = substr(line, RSTART, RLENGTH - 1)
			sub(/^[^"]*"/, "", name)
			wants[file] = wants[file] "\n\"" name
		} else
			opaque[file] = 1
	}
	close(file)
}

# Flags of a library: what counts of them, and the search path. `-I` comes before `-isystem`.
function read_flags(library, text,  tokens, n, i, token, after) {
	n = split(text, tokens, " ")
	for (i = 1; i <= n; i++) {
		token = tokens[i]
		if (token ~ /^-I./)
			path[library] = path[library] " " substr(token, 3)
		else if (token == "-isystem")
			after = after " " tokens[++i]
		else if (token == "-include" && tokens[i + 1] == folder "/autoconf.h")
			i++
		else if (token ~ /^-(include|imacros|iquote|idirafter|iprefix|I|B|specs|fplugin|@)/)
			opaque_library[library] = 1
		else if (token !~ /^-ffile-prefix-map=/)
			flags[library] = flags[library] " " token
	}
	path[library] = path[library] after
}

function file_text(name,  line, text) {
	while ((getline line < name) > 0)
		text = text line " "
	close(name)
	return text
}

# Without `x/..`: headers that include each other by such paths would make ever longer ones.
function short(path) {
	while (match(path, /[^\/]+\/\.\.\//))
		path = substr(path, 1, RSTART - 1) substr(path, RSTART + RLENGTH)
	return path
}

# Adds a header to the object at hand.
function take(file) {
	file = short(file)
	if (file in taken)
		return
	taken[file] = 1
	closure[++closed] = file
}

# Looks for what a file includes: kind is < or ", or * for all of that name along the path.
function find(library, kind, name, from,  key, folders, n, i, found) {
	if (kind == "\"" && exists(from "/" name)) {
		take(from "/" name)
		return
	}
	key = library SUBSEP kind SUBSEP name
	if (!(key in finds)) {
		n = split(path[library], folders, " ")
		for (i = 1; i <= n; i++)
			if (exists(folders[i] "/" name)) {
				found = found " " folders[i] "/" name
				if (kind != "*")
					break
			}
		finds[key] = found
	}
	if (finds[key] == "")
		absent = absent "absent " name "\n"
	n = split(finds[key], folders, " ")
	for (i = 1; i <= n; i++)
		take(folders[i])
}

# All files that an object may be made of, into closure[1..closed].
function close_over(library, source,  i, j, n, list) {
	split("", taken)
	split("", closure)
	closed = 0
	absent = ""
	take(source)
	for (i = 1; i <= closed; i++) {
		scan(closure[i])
		if (closure[i] in opaque)
			hidden = 1
		n = split(wants[closure[i]], list, "\n")
		for (j = 2; j <= n; j++)
			find(library, substr(list[j], 1, 1), substr(list[j], 2), directory(closure[i]))
	}
}

# The number of a file in the list of all.
function number(file) {
	if (!(file in numbers)) {
		all[++total] = file
		numbers[file] = total
	}
	return numbers[file]
}

function add_symbols(text,  names, n, i) {
	n = split(text, names, " ")
	for (i = 1; i <= n; i++)
		if (!(names[i] in counted)) {
			counted[names[i]] = 1
			used = used " " names[i]
		}
}

function add_object(library, source, object, own,  i, names, n) {
	hidden = library in opaque_library || own ~ /-I|-include|-isystem|@/
	close_over(library, source)
	split("", counted)
	used = ""
	for (i = 1; i <= closed; i++) {
		add_symbols(symbols[closure[i]])
		uses[object] = uses[object] " " number(closure[i])
	}
	text[object] = "flags" flags[library] own "\n" absent
	n = split(used, names, " ")
	for (i = 1; i <= n; i++)
		text[object] = text[object] "CONFIG_" names[i] "=" values["CONFIG_" names[i]] "\n"
	for (i = 1; i <= closed; i++)
		add_symbols(owner(closure[i]))
	rule[object] = dependencies(folder "/" object, closure, closed, used)
	objects[++count] = object
	secret[object] = hidden
	members[library] = members[library] " " object
}

# SHA-256 of each text: names[1..n] -> key[name]. One program for all.
function hash(names, n,  i, line, command) {
	for (i = 1; i <= n; i++) {
		printf "%s", text[names[i]] >("keys/text/" i)
		close("keys/text/" i)
	}
	command = "cd keys/text && exec sha256sum *"
	while ((command | getline line) > 0)
		key[names[substr(line, 67) + 0]] = substr(line, 1, 64)
	close(command)
}

BEGIN {
	while ((getline line < ".config") > 0)
		if (match(line, /^CONFIG_[A-Z0-9_]+=/))
			values[substr(line, 1, RLENGTH - 1)] = substr(line, RLENGTH + 1)
	while ((getline line < "keys/list.old") > 0) {
		split(line, fields, " ")
		before[fields[2]] = fields[1]
	}
	common = file_text("includes")
	while ((getline line < "libraries") > 0) {
		if (split(line, fields, " ") < 2)
			continue
		libraries[++library_count] = fields[1]
		folder_of[fields[1]] = fields[2]
		read_flags(fields[1], common file_text(fields[1] "/cflags"))
	}
	while ((getline line < "sources") > 0) {
		if (split(line, fields, " ") < 3)
			continue
		own = line
		sub(/^ *[^ ]+ [^ ]+ [^ ]+/, "", own)
		add_object(fields[1], fields[2], fields[3], own)
	}

	identity = number("keys/identity")
	prelink = number(support "/prelink.sh")
	for (i = 1; i <= library_count; i++) {
		exports[i] = folder_of[libraries[i]] "/exports"
		if (exists(exports[i]))
			number(exports[i])
	}
	for (i = 1; i <= total; i++)
		print all[i] >"keys/files"
	close("keys/files")
	command = "exec xargs sha256sum <keys/files"
	while ((command | getline line) > 0)
		content[substr(line, 67)] = substr(line, 1, 64)
	close(command)
	compiler = content[all[identity]] "\n"

	for (i = 1; i <= count; i++) {
		n = split(uses[objects[i]], fields, " ")
		full = "object 2\n" compiler text[objects[i]]
		for (j = 1; j <= n; j++)
			full = full content[all[fields[j]]] " " plain(all[fields[j]]) "\n"
		text[objects[i]] = full
	}
	for (i = 1; i <= library_count; i++) {
		library = libraries[i]
		name = library ".o"
		full = "library 2 " library "\n" compiler content[all[prelink]] "\n" content[exports[i]] "\n"
		n = split(members[library], fields, " ")
		secret[name] = n == 0
		for (j = 1; j <= n; j++) {
			full = full text[fields[j]] "of " fields[j] "\n"
			uses[name] = uses[name] uses[fields[j]]
			if (secret[fields[j]])
				secret[name] = 1
		}
		uses[name] = uses[name] " " prelink (exports[i] in numbers ? " " numbers[exports[i]] : "")
		text[name] = full
		objects[count + i] = name
	}
	count += library_count
	hash(objects, count)

	for (i = 1; i <= count; i++) {
		name = objects[i]
		id = secret[name] ? "-" : key[name]
		print id, name >"keys/list"
		print name uses[name] >"keys/uses"
		if (id == "-")
			continue
		entry = cache "/" id
		if ((getline line < (entry "/sum")) <= 0) {
			print id, name >"keys/missing"
			continue
		}
		close(entry "/sum")
		if (before[name] == id && exists(name))
			continue
		print line "  " name >"keys/sums"
		print entry "/made/." >"keys/copy"
		print name >"keys/touch"
		print entry >"keys/touch"
		if (name in rule) {
			print rule[name] >(name ".d")
			close(name ".d")
		}
	}
}
