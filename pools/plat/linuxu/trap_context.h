/* SPDX-License-Identifier: BSD-3-Clause */
/* The start of struct ucontext, which a signal handler gets: the same on all architectures. */
#ifndef LINUXU_TRAP_CONTEXT_H
#define LINUXU_TRAP_CONTEXT_H

#include <stddef.h>

struct kernel_stack {
	void *start;
	int flags;
	size_t size;
};

struct kernel_context_head {
	unsigned long flags;
	void *link;
	struct kernel_stack stack;
};

#endif /* LINUXU_TRAP_CONTEXT_H */
