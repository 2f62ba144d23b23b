/* SPDX-License-Identifier: BSD-3-Clause */
#include <assert.h>
#include <stdlib.h>
#include <uc/panic.h>
#include <uc/plat.h>

#define FUNCTIONS_MAX 32

static void (*functions[FUNCTIONS_MAX])(void);
static unsigned int function_count;

int atexit(void (*function)(void))
{
	if (function_count == FUNCTIONS_MAX)
		return -1;
	functions[function_count++] = function;
	return 0;
}

void exit(int code)
{
	/* A function may register another one, or call exit: each runs once. */
	while (function_count > 0)
		functions[--function_count]();
	_Exit(code);
}

void abort(void)
{
	uc_panic("abort() was called");
}

void __assert_fail(const char *expression, const char *file, unsigned int line,
		   const char *function)
{
	uc_panic("assertion failed: %s, in %s at %s:%u", expression, function, file, line);
}
