/* SPDX-License-Identifier: BSD-3-Clause */
/* The platform that the tests on the host give to the libraries. */
#ifndef TEST_HOST_FAKES_H
#define TEST_HOST_FAKES_H

#include <setjmp.h>
#include <stddef.h>

/** What was written to the console, up to its size. A test sets the length to 0 to begin. */
extern char console_text[4096];
extern size_t console_length;

/** Where a panic goes. NULL: a panic is a failure, which ends the program. */
extern jmp_buf *panic_expected;

void uc_console_write(const char *s, size_t n);
void uc_panic(const char *format, ...) __attribute__((__noreturn__, __format__(__printf__, 1, 2)));

#endif /* TEST_HOST_FAKES_H */
