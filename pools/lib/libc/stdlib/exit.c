/* SPDX-License-Identifier: BSD-3-Clause */
#include <assert.h>
#include <stdlib.h>
#include <uc/boot.h>
#include <uc/init.h>
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

static int begin(void)
{
	return 0;
}

/* An undo, so that it happens too when main returns. Each function runs once, the last first. */
static void run_functions(void)
{
	while (function_count > 0)
		functions[--function_count]();
}

UC_INIT(UC_INIT_APP, begin, .undo = run_functions);

void exit(int code)
{
	uc_shutdown(code);
}

void _Exit(int code)
{
	uc_plat_shutdown(code);
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
