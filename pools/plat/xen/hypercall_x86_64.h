/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A page has one entry of 32 bytes for each hypercall: Xen fills it for a PV guest, and we for a
 * PVH guest, with the instruction that this processor wants.
 */
#ifndef XEN_HYPERCALL_X86_64_H
#define XEN_HYPERCALL_X86_64_H

extern unsigned char xen_hypercall_page[4096];

/** Makes the page for a PVH guest. To be called before any hypercall; false if this is not Xen. */
bool xen_hypercall_init_pvh(void);

static inline long xen_hypercall5(unsigned int number, long a, long b, long c, long d, long e)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	unsigned char *entry = xen_hypercall_page + number * 32;
	long result;

	__asm__ volatile("call *%[entry]"
			 : "=a"(result), "+D"(a), "+S"(b), "+d"(c), "+r"(r10), "+r"(r8)
			 : [entry] "r"(entry)
			 : "memory", "rcx", "r11");
	return result;
}

#endif /* XEN_HYPERCALL_X86_64_H */
