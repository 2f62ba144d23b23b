/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdbool.h>
#include <stddef.h>
#include <uc/console.h>
#include <uc/init.h>
#include <uc/panic.h>

#include "boot.h"

/* The linker makes these for a section whose name is a C identifier. */
extern const struct uc_init *const __start_uc_inits[] __attribute__((__weak__));
extern const struct uc_init *const __stop_uc_inits[] __attribute__((__weak__));

/* Enough for every library that there is; the check below notices when it is not. */
#define CONSTRUCTORS_MAX 128

/* In the order in which they ran. */
static const struct uc_init *done[CONSTRUCTORS_MAX];
static unsigned int done_count;

static const char *name_of(const struct uc_init *c)
{
	return c->name ? c->name : c->library;
}

static bool has_run(const struct uc_init *c)
{
	for (unsigned int i = 0; i < done_count; i++)
		if (done[i] == c)
			return true;
	return false;
}

/* Whether a list of names, separated by spaces, has this one. */
static bool names(const char *list, const char *name)
{
	while (list && *list) {
		const char *n = name;

		while (*list && *list == *n) {
			list++;
			n++;
		}
		if (!*n && (!*list || *list == ' '))
			return true;
		while (*list && *list != ' ')
			list++;
		while (*list == ' ')
			list++;
	}
	return false;
}

/* Whether all that a constructor wants to have before it, at its level or below, has run. */
static bool is_ready(const struct uc_init *c)
{
	/* cppcheck-suppress comparePointers; the linker's symbols bound one section */
	for (const struct uc_init *const *other = __start_uc_inits; other < __stop_uc_inits;
	     other++)
		if (*other != c && (*other)->level <= c->level &&
		    names(c->after, name_of(*other)) && !has_run(*other))
			return false;
	return true;
}

/* The next constructor to run; NULL when all have. */
static const struct uc_init *next(void)
{
	const struct uc_init *ready = NULL;
	const struct uc_init *waiting = NULL;

	/* cppcheck-suppress comparePointers; the linker's symbols bound one section */
	for (const struct uc_init *const *c = __start_uc_inits; c < __stop_uc_inits; c++) {
		if (has_run(*c))
			continue;
		if (!waiting || (*c)->level < waiting->level)
			waiting = *c;
		if ((!ready || (*c)->level < ready->level) && is_ready(*c))
			ready = *c;
	}
	if (waiting && (!ready || ready->level > waiting->level))
		uc_panic("constructors wait for each other: %s after \"%s\"", name_of(waiting),
			 waiting->after);
	return ready;
}

void constructors_run(void)
{
	const struct uc_init *c;

	/* cppcheck-suppress comparePointers; the linker's symbols bound one section */
	if (__stop_uc_inits - __start_uc_inits > CONSTRUCTORS_MAX)
		uc_panic("more than %d constructors", CONSTRUCTORS_MAX);
	while ((c = next())) {
		int error = c->init();

		if (error)
			uc_panic("constructor of %s failed with error %d", name_of(c), error);
		done[done_count++] = c;
	}
}

void constructors_undo(void)
{
	while (done_count > 0) {
		const struct uc_init *c = done[--done_count];

		if (c->undo)
			c->undo();
	}
}
