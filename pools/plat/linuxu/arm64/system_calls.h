/* SPDX-License-Identifier: BSD-3-Clause */
/* System calls of Linux on arm64: include/uapi/asm-generic/unistd.h. */
#ifndef LINUXU_SYSTEM_CALLS_H
#define LINUXU_SYSTEM_CALLS_H

#define SYS_close	    57
#define SYS_read	    63
#define SYS_write	    64
#define SYS_ppoll	    73
#define SYS_exit_group	    94
#define SYS_clock_gettime   113
#define SYS_restart_syscall 128
#define SYS_kill	    129
#define SYS_sigaltstack	    132
#define SYS_rt_sigaction    134
#define SYS_rt_sigprocmask  135
#define SYS_rt_sigreturn    139
#define SYS_prctl	    167
#define SYS_getpid	    172
#define SYS_mmap	    222
#define SYS_seccomp	    277

/** What seccomp calls this architecture: EM_AARCH64, 64 bits, little-endian. */
#define LINUX_AUDIT_ARCH 0xc00000b7

#ifndef __ASSEMBLER__
static inline long syscall6(long number, long a, long b, long c, long d, long e, long f)
{
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc #0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory");
	return x0;
}
#endif

#endif /* LINUXU_SYSTEM_CALLS_H */
