/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

/*
 * One number for the running thread. A scheduler keeps the numbers of the others: it saves and
 * restores errno where it switches, so that no library pays for threads that are not there.
 */
static int number;

int *__errno_location(void)
{
	return &number;
}
