/* SPDX-License-Identifier: BSD-3-Clause */
/* The platform, as far as the libraries under test call it, on the host's C library. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fakes.h"

char console_text[4096];
size_t console_length;
jmp_buf *panic_expected;

void uc_console_write(const char *s, size_t n)
{
	if (n > sizeof(console_text) - console_length)
		n = sizeof(console_text) - console_length;
	memcpy(console_text + console_length, s, n);
	console_length += n;
}

void uc_panic(const char *format, ...)
{
	va_list args;

	if (panic_expected)
		longjmp(*panic_expected, 1);
	va_start(args, format);
	fputs("panic: ", stderr);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}
