/* SPDX-License-Identifier: BSD-3-Clause */
/* The functions under test, under the names that the Makefile gives them. */
#ifndef LIBC_TEST_OURS_H
#define LIBC_TEST_OURS_H

#include <stddef.h>

/* A declaration of ours_x with the type of the host's x. */
#define OURS(x) extern __typeof__(x) ours_##x

/** Each runs its cases and returns their number. */
unsigned long test_strings(void);
unsigned long test_memory(void);
unsigned long test_numbers(void);
unsigned long test_characters(void);
unsigned long test_formats(void);
unsigned long test_doubles(void);
unsigned long test_console(void);
unsigned long test_sorting(void);

/** Our functions have an errno of their own. */
int *ours___errno_location(void);
#define ours_errno (*ours___errno_location())

#endif /* LIBC_TEST_OURS_H */
