/* SPDX-License-Identifier: BSD-3-Clause */
/* Calls into the hypervisor (Xen's public headers name them): how, is the architecture's matter. */
#ifndef XEN_HYPERCALL_H
#define XEN_HYPERCALL_H

#include <stdbool.h>
#include <stdint.h>

#include <xen/xen.h>

#ifdef CONFIG_ARCH_ARM64
#include "hypercall_arm64.h"
#else
#include "hypercall_x86_64.h"
#endif

static inline long xen_hypercall4(unsigned int number, long a, long b, long c, long d)
{
	return xen_hypercall5(number, a, b, c, d, 0);
}

static inline long xen_hypercall3(unsigned int number, long a, long b, long c)
{
	return xen_hypercall5(number, a, b, c, 0, 0);
}

static inline long xen_hypercall2(unsigned int number, long a, const void *b)
{
	return xen_hypercall5(number, a, (long)b, 0, 0, 0);
}

#endif /* XEN_HYPERCALL_H */
