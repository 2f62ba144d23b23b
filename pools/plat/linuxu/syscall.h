/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * System calls of Linux, and the structures that they take, from the kernel's user-space interface
 * (include/uapi). They are Linux's promise to programs and do not change.
 */
#ifndef LINUXU_SYSCALL_H
#define LINUXU_SYSCALL_H

#include <stddef.h>
#include <stdint.h>

/* The numbers, and syscall6, of this architecture. */
#include "system_calls.h"

#define ERROR_INTR  4
#define ERROR_AGAIN 11
#define ERROR_NOMEM 12
#define ERROR_NOSYS 38

struct linux_timespec {
	int64_t seconds;
	int64_t nanoseconds;
};

struct linux_pollfd {
	int32_t fd;
	int16_t events;
	int16_t revents;
};

#define LINUX_POLLIN  1
#define LINUX_POLLOUT 4

/* Those below make a system call. They return what the kernel returns: a negative errno on failure.
 */

static inline long syscall5(long number, long a, long b, long c, long d, long e)
{
	return syscall6(number, a, b, c, d, e, 0);
}

static inline long syscall4(long number, long a, long b, long c, long d)
{
	return syscall6(number, a, b, c, d, 0, 0);
}

static inline long syscall3(long number, long a, long b, long c)
{
	return syscall6(number, a, b, c, 0, 0, 0);
}

static inline long syscall2(long number, long a, long b)
{
	return syscall6(number, a, b, 0, 0, 0, 0);
}

static inline long syscall1(long number, long a)
{
	return syscall6(number, a, 0, 0, 0, 0, 0);
}

#endif /* LINUXU_SYSCALL_H */
