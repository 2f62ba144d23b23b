/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * System calls of Linux on x86-64: numbers, and the structures that they take, from the kernel's
 * user-space interface (arch/x86/entry/syscalls/syscall_64.tbl, include/uapi). They are Linux's
 * promise to programs and do not change.
 */
#ifndef LINUXU_SYSCALL_H
#define LINUXU_SYSCALL_H

#include <stddef.h>
#include <stdint.h>

#define SYS_read	    0
#define SYS_write	    1
#define SYS_close	    3
#define SYS_mmap	    9
#define SYS_rt_sigaction    13
#define SYS_rt_sigprocmask  14
#define SYS_rt_sigreturn    15
#define SYS_getpid	    39
#define SYS_kill	    62
#define SYS_sigaltstack	    131
#define SYS_prctl	    157
#define SYS_restart_syscall 219
#define SYS_clock_gettime   228
#define SYS_exit_group	    231
#define SYS_ppoll	    271
#define SYS_seccomp	    317

#define ERROR_INTR  4
#define ERROR_AGAIN 11

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

/** Makes a system call. Returns what the kernel returns: a negative errno on failure. */
static inline long syscall6(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

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
