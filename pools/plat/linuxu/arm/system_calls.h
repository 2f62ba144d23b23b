/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * System calls of Linux on arm, EABI: arch/arm/tools/syscall.tbl. Those with times are of
 * Linux 5.1: the older ones end in 2038.
 */
#ifndef LINUXU_SYSTEM_CALLS_H
#define LINUXU_SYSTEM_CALLS_H

#define SYS_restart_syscall 0
#define SYS_read	    3
#define SYS_write	    4
#define SYS_close	    6
#define SYS_getpid	    20
#define SYS_kill	    37
#define SYS_prctl	    172
#define SYS_rt_sigreturn    173
#define SYS_rt_sigaction    174
#define SYS_rt_sigprocmask  175
#define SYS_sigaltstack	    186
#define SYS_mmap	    192 /* mmap2: the offset counts pages */
#define SYS_exit_group	    248
#define SYS_seccomp	    383
#define SYS_clock_gettime   403 /* clock_gettime64 */
#define SYS_ppoll	    414 /* ppoll_time64 */

/** What seccomp calls this architecture: EM_ARM, little-endian. */
#define LINUX_AUDIT_ARCH 0x40000028

#ifndef __ASSEMBLER__
/* r7 holds the number. In Thumb state it may be the frame pointer, so that it cannot be named. */
static inline long syscall6(long number, long a, long b, long c, long d, long e, long f)
{
	register long r0 __asm__("r0") = a;
	register long r1 __asm__("r1") = b;
	register long r2 __asm__("r2") = c;
	register long r3 __asm__("r3") = d;
	register long r4 __asm__("r4") = e;
	register long r5 __asm__("r5") = f;
	register long r6 __asm__("r6") = number;

	__asm__ volatile("push {r7}\n\t"
			 "mov r7, %[number]\n\t"
			 "svc #0\n\t"
			 "pop {r7}"
			 : "+r"(r0)
			 : [number] "r"(r6), "r"(r1), "r"(r2), "r"(r3), "r"(r4), "r"(r5)
			 : "memory");
	return r0;
}
#endif

#endif /* LINUXU_SYSTEM_CALLS_H */
