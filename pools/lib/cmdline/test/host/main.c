/* SPDX-License-Identifier: BSD-3-Clause */
/* Properties of the command line: quoting is undone, hostile lines do no harm, values are checked.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <uc/cmdline.h>

#include "host.h"

#define CASES 120000
#define ROOM  12

/* A line in memory of just its size, so that the sanitizer sees each byte too much. */
static char *exact(const char *line)
{
	return strdup(line);
}

/* Writes a word so that the parser gives it back: each byte quoted in one of the ways. */
static char *quote(char *to, const char *word)
{
	if (!*word)
		return stpcpy(to, random_below(2) ? "''" : "\"\"");
	for (; *word; word++) {
		switch (random_below(3)) {
		case 0:
			*to++ = '\\';
			*to++ = *word;
			break;
		case 1:
			if (*word == '\'') {
				to = stpcpy(to, "\"'\"");
			} else {
				*to++ = '\'';
				*to++ = *word;
				*to++ = '\'';
			}
			break;
		default:
			*to++ = '"';
			if (*word == '"' || *word == '\\')
				*to++ = '\\';
			*to++ = *word;
			*to++ = '"';
			break;
		}
	}
	return to;
}

static void random_word(char *word)
{
	static const char bytes[] = "ab-.= \t\n'\"\\$*\xff";
	unsigned int length = random_below(8);

	for (unsigned int i = 0; i < length; i++)
		*word++ = bytes[random_below(sizeof(bytes) - 1)];
	*word = '\0';
}

/* What was quoted comes back: words after "--" to the application, uc. ones before it as options.
 */
static void check_round_trip(void)
{
	char words[ROOM][16], text[1024], *to = text, *pointers[ROOM];
	int options = (int)random_below(4), count = options + (int)random_below(5);
	struct uc_cmdline cmdline;

	for (int i = 0; i < count; i++) {
		random_word(words[i] + 3);
		memcpy(words[i], i < options ? "uc." : random_below(2) ? "uc." : "arg", 3);
		if (i == options)
			to = stpcpy(to, " --\t");
		to = quote(to, words[i]);
		to = stpcpy(to, random_below(2) ? " " : " \t\n");
	}
	*to = '\0';
	char *line = exact(text);

	CHECK(uc_cmdline_parse(&cmdline, line, pointers, ROOM) == 0, "%s", text);
	CHECK(cmdline.option_count == options && cmdline.argc == count - options, "%s", text);
	for (int i = 0; i < count; i++)
		CHECK(strcmp(cmdline.words[i], words[i]) == 0, "\"%s\" of %s", words[i], text);
	CHECK(!cmdline.argv[cmdline.argc], "%s", text);
	free(line);
}

/* Whatever the line, the words lie in it, and their number is within the room. */
static void check_hostile(void)
{
	static const char *const pieces[] = { " ",     "\"",   "'",  "\\",   "--", "uc.",
					      "uc.a=", "x",    "\t", "uc.a", "=",  "\"\\",
					      "'--'",  "\x80", "1",  "G" };
	char text[512] = "", *pointers[ROOM];
	int room = 1 + (int)random_below(ROOM);
	unsigned int count = random_below(30);
	struct uc_cmdline cmdline;

	for (unsigned int i = 0; i < count; i++)
		strcat(text, pieces[random_below(16)]);
	size_t length = strlen(text);
	char *line = exact(text);
	int error = uc_cmdline_parse(&cmdline, line, pointers, room);

	CHECK(error == 0 || error == -E2BIG, "%d", error);
	CHECK(cmdline.option_count >= 0 && cmdline.argc >= 0, "%s", text);
	CHECK(cmdline.option_count + cmdline.argc < room, "%s", text);
	CHECK(error == 0 || cmdline.option_count + cmdline.argc == room - 1, "%s", text);
	CHECK(cmdline.argv == cmdline.words + cmdline.option_count, "%s", text);
	CHECK(!cmdline.argv[cmdline.argc], "%s", text);
	for (int i = 0; i < cmdline.option_count + cmdline.argc; i++) {
		char *word = cmdline.words[i];

		CHECK(word >= line && word + strlen(word) <= line + length, "%s", text);
		CHECK(i >= cmdline.option_count || strncmp(word, "uc.", 3) == 0, "%s", text);
	}

	uint64_t size;
	int64_t number;
	bool on;

	uc_cmdline_set(&cmdline);
	uc_option_size("a", &size);
	uc_option_int("a", -5, 5, &number);
	uc_option_bool("a", &on);
	uc_option("");
	uc_cmdline_set(NULL);
	free(line);
}

static void with_options(const char *text, void (*check)(void))
{
	char *line = exact(text), *pointers[ROOM];
	struct uc_cmdline cmdline;

	CHECK(uc_cmdline_parse(&cmdline, line, pointers, ROOM) == 0, "%s", text);
	uc_cmdline_set(&cmdline);
	check();
	uc_cmdline_set(NULL);
	free(line);
}

static void check_numbers(void)
{
	static const struct {
		const char *name;
		int error;
		int64_t value;
	} cases[] = {
		{ "max", 0, INT64_MAX }, { "min", 0, INT64_MIN }, { "hex", 0, -255 },
		{ "over", -ERANGE, 7 },	 { "huge", -ERANGE, 7 },  { "text", -EINVAL, 7 },
		{ "tail", -EINVAL, 7 },	 { "none", -EINVAL, 7 },  { "missing", -ENOENT, 7 },
		{ "space", -EINVAL, 7 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int64_t value = 7;
		int error = uc_option_int(cases[i].name, INT64_MIN, INT64_MAX, &value);

		CHECK(error == cases[i].error && value == cases[i].value, "%s: %d, %" PRId64,
		      cases[i].name, error, value);
	}
	int64_t value = 7;

	CHECK(uc_option_int("hex", -254, 0, &value) == -ERANGE && value == 7, "below min");
	CHECK(uc_option_int("hex", -1000, -256, &value) == -ERANGE && value == 7, "above max");
	CHECK(uc_option_int("hex", -255, -255, &value) == 0 && value == -255, "the bounds count");
}

static void check_sizes(void)
{
	static const struct {
		const char *name;
		int error;
		uint64_t value;
	} cases[] = {
		{ "plain", 0, 4096 },	   { "k", 0, 16 << 10 },
		{ "m", 0, 3 << 20 },	   { "t", 0, UINT64_MAX >> 40 << 40 },
		{ "over", -ERANGE, 7 },	   { "huge", -ERANGE, 7 },
		{ "two", -EINVAL, 7 },	   { "minus", -EINVAL, 7 },
		{ "only", -EINVAL, 7 },	   { "hex", 0, 0x1f << 10 },
		{ "missing", -ENOENT, 7 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint64_t value = 7;
		int error = uc_option_size(cases[i].name, &value);

		CHECK(error == cases[i].error && value == cases[i].value, "%s: %d, %" PRIu64,
		      cases[i].name, error, value);
	}
}

static void check_words(void)
{
	bool on = false;
	const char *text = NULL;

	CHECK(uc_option_bool("plain", &on) == 0 && on, "plain");
	CHECK(uc_option_bool("off", &on) == 0 && !on, "off");
	CHECK(uc_option_bool("yes", &on) == 0 && on, "yes");
	CHECK(uc_option_bool("text", &on) == -EINVAL && on, "text");
	CHECK(uc_option_bool("pla", &on) == -ENOENT && on, "a part of a name");
	CHECK(uc_option_string("text", &text) == 0 && strcmp(text, "a = b") == 0, "text");
	CHECK(uc_option_string("twice", &text) == 0 && strcmp(text, "2") == 0, "twice");
	CHECK(strcmp(uc_option("plain"), "") == 0 && !uc_option("missing"), "uc_option");
}

int main(void)
{
	for (unsigned int i = 0; i < CASES; i++) {
		check_round_trip();
		check_hostile();
	}
	printf("ok 1 - quoting is undone: %d cases\nok 2 - hostile lines: %d cases\n", CASES,
	       CASES);
	with_options("uc.max=9223372036854775807 uc.min=-9223372036854775808 uc.hex=-0xfF "
		     "uc.over=9223372036854775808 uc.huge=99999999999999999999 uc.text=12a "
		     "uc.tail='1 ' uc.none uc.space=' 1'",
		     check_numbers);
	with_options("uc.plain=4096 uc.k=16k uc.m=3M uc.t=16777215T uc.over=16777216T "
		     "uc.huge=99999999999999999999K uc.two=1kk uc.minus=-1 uc.only=K uc.hex=0x1fK",
		     check_sizes);
	with_options("uc.plain uc.off=off uc.yes=yes uc.text='a = b' uc.twice=1 uc.twice=2 -- "
		     "uc.twice=3",
		     check_words);
	printf("ok 3 - typed values: 35 cases\n1..3\n");
	return 0;
}
