/* SPDX-License-Identifier: BSD-3-Clause */
/* System calls of Linux on x86-64: arch/x86/entry/syscalls/syscall_64.tbl. */
#ifndef LINUXU_SYSTEM_CALLS_H
#define LINUXU_SYSTEM_CALLS_H

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

/** What seccomp calls this architecture: EM_X86_64, 64 bits, little-endian. */
#define LINUX_AUDIT_ARCH 0xc000003e

#ifndef __ASSEMBLER__
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
#endif

#endif /* LINUXU_SYSTEM_CALLS_H */
