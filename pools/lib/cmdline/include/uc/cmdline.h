/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The command line: cut into words, and the unikernel's own options set apart.
 *
 * Words are separated by spaces, tabs and line ends. Single quotes keep everything up to the next
 * single quote; within double quotes a backslash keeps the next '"' or '\\' only; outside quotes a
 * backslash keeps any next character. A quote that is not closed ends with the line.
 *
 * Words of the form uc.name or uc.name=value before a word "--" are options of the unikernel. All
 * other words are the application's; the first "--" is dropped:
 *
 *	uc.sched.trace uc.heap=16M -- uc.no-option --verbose
 *
 * gives the application "uc.no-option" and "--verbose".
 */
#ifndef UC_CMDLINE_H
#define UC_CMDLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct uc_cmdline {
	char **words; /* the options, then the application's words, then NULL */
	int option_count;
	int argc;    /* the application's words */
	char **argv; /* the first of them: argv[argc] is NULL */
};

/**
 * Cuts a line in place: its bytes become the words, and it must stay as long as they are used.
 * `words` has room for `room` pointers, the last NULL included (room > 0). 0, or -E2BIG when there
 * are more words than that; those that fit are then there nevertheless.
 */
int uc_cmdline_parse(struct uc_cmdline *cmdline, char *line, char **words, int room);

/** Makes a parsed command line the one that the lookups below use. NULL: there are no options. */
void uc_cmdline_set(const struct uc_cmdline *cmdline);

/**
 * The value of the option uc.<name>: "" if it has none, NULL if it is not given. Where it is given
 * more than once, the last counts.
 */
const char *uc_option(const char *name);

/*
 * Typed values. Each returns 0 and sets *out; -ENOENT if the option is not given, -EINVAL if its
 * value is malformed, -ERANGE if it is out of range; *out then stays as it is, so that it can hold
 * the default.
 */

/** Its value as text. */
int uc_option_string(const char *name, const char **out);
/** True for none, 1, y, yes, on, true; false for 0, n, no, off, false. */
int uc_option_bool(const char *name, bool *out);
/** A number from min to max: decimal, or hexadecimal with 0x. */
int uc_option_int(const char *name, int64_t min, int64_t max, int64_t *out);
/** A number of bytes, with K, M, G or T for powers of 1,024. */
int uc_option_size(const char *name, uint64_t *out);

#ifdef __cplusplus
}
#endif

#endif /* UC_CMDLINE_H */
