/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>
#include <uc/cmdline.h>

static bool is_separator(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/*
 * Reads one word from *from and writes it, unquoted, to *to, which is never ahead: what is written
 * is at most as long as what was read. Returns the word.
 */
static char *cut_word(char **from, char **to)
{
	char *word = *to;
	char *in = *from;
	char *out = *to;
	char quote = '\0';

	for (; *in && (quote || !is_separator(*in)); in++) {
		if (*in == quote) {
			quote = '\0';
		} else if (!quote && (*in == '"' || *in == '\'')) {
			quote = *in;
		} else if (*in == '\\' && in[1] &&
			   (!quote || (quote == '"' && (in[1] == '"' || in[1] == '\\')))) {
			*out++ = *++in;
		} else {
			*out++ = *in;
		}
	}
	/* The separator is read before the word's end is written over it. */
	*from = *in ? in + 1 : in;
	*out++ = '\0';
	*to = out;
	return word;
}

static bool is_option(const char *word)
{
	return strncmp(word, "uc.", 3) == 0;
}

/* Moves words[from] to words[to], to <= from; those between move up by one. */
static void move_word(char **words, int from, int to)
{
	char *word = words[from];

	for (; from > to; from--)
		words[from] = words[from - 1];
	words[to] = word;
}

int uc_cmdline_parse(struct uc_cmdline *cmdline, char *line, char **words, int room)
{
	char *from = line;
	char *to = line;
	int count = 0;
	int options = 0;
	bool ended = false;

	for (;;) {
		while (is_separator(*from))
			from++;
		if (!*from || count == room - 1)
			break;

		char *word = cut_word(&from, &to);

		if (!ended && strcmp(word, "--") == 0) {
			ended = true;
			continue;
		}
		words[count++] = word;
		if (!ended && is_option(word))
			move_word(words, count - 1, options++);
	}
	words[count] = NULL;
	*cmdline = (struct uc_cmdline){
		.words = words,
		.option_count = options,
		.argc = count - options,
		.argv = words + options,
	};
	return *from ? -E2BIG : 0;
}
