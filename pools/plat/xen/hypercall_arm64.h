/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The number is in x16, arguments from x0 on, the result in x0; arguments and x16 are lost
 * (public/arch-arm.h). What a pointer leads to must be memory that caches hold, as all of ours is.
 */
#ifndef XEN_HYPERCALL_ARM64_H
#define XEN_HYPERCALL_ARM64_H

static inline long xen_hypercall5(unsigned int number, long a, long b, long c, long d, long e)
{
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x16 __asm__("x16") = number;

	__asm__ volatile("hvc %[tag]"
			 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x16)
			 : [tag] "i"(XEN_HYPERCALL_TAG)
			 : "memory");
	return x0;
}

#endif /* XEN_HYPERCALL_ARM64_H */
