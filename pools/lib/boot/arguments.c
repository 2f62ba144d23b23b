/* SPDX-License-Identifier: BSD-3-Clause */
#include <stddef.h>
#include <string.h>
#include <uc/boot.h>
#include <uc/cmdline.h>
#include <uc/panic.h>

#include "boot.h"

/*
 * In both functions the options come to lie before the name, and the name before the application's
 * words: the options can be looked up for good, and argv is one array.
 */
static struct uc_cmdline options;

static struct arguments finish(char **words, int option_count, int count, char *name)
{
	/* words[0] was the name's place: the options move there, the name behind them. */
	for (int i = 0; i < option_count; i++)
		words[i] = words[i + 1];
	words[option_count] = name;
	options.words = words;
	options.option_count = option_count;
	options.argc = count - option_count;
	options.argv = words + option_count + 1;
	uc_cmdline_set(&options);
	return (struct arguments){ .argc = options.argc + 1, .argv = options.argv - 1 };
}

struct arguments arguments_of_line(char *line, char *name)
{
	static char *words[CONFIG_LIBBOOT_ARGUMENTS_MAX + 2];

	if (uc_cmdline_parse(&options, line, words + 1, CONFIG_LIBBOOT_ARGUMENTS_MAX + 1))
		uc_panic("the command line has more than %d words", CONFIG_LIBBOOT_ARGUMENTS_MAX);
	return finish(words, options.option_count, options.option_count + options.argc, name);
}

/* The rule of uc/cmdline.h, for words that are cut already. */
struct arguments arguments_of_words(int argc, char **argv)
{
	int option_count = 0;
	int count = 0;
	bool ended = false;

	for (int i = 1; i < argc; i++) {
		char *word = argv[i];

		if (!ended && strcmp(word, "--") == 0) {
			ended = true;
			continue;
		}
		argv[++count] = word;
		if (!ended && strncmp(word, "uc.", 3) == 0) {
			for (int to = count; to > option_count + 1; to--)
				argv[to] = argv[to - 1];
			argv[++option_count] = word;
		}
	}
	argv[count + 1] = NULL;
	return finish(argv, option_count, count, argv[0]);
}
