/* SPDX-License-Identifier: BSD-3-Clause */
/* What a signal handler gets on x86-64: struct ucontext with struct sigcontext_64, as far as it is
 * read. */
#include "trap_context.h"

#include <uc/arch.h>

#include "linuxu.h"

/* Bits of a page fault's error code. */
#define FAULT_WRITE 2
#define FAULT_JUMP  16

struct kernel_context {
	struct kernel_context_head head;
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, rflags;
	uint16_t cs, gs, fs, ss;
	uint64_t error, trap;
};

void trap_registers(const struct kernel_context *c, struct uc_arch_registers *out)
{
	*out = (struct uc_arch_registers){
		.r15 = c->r15,
		.r14 = c->r14,
		.r13 = c->r13,
		.r12 = c->r12,
		.r11 = c->r11,
		.r10 = c->r10,
		.r9 = c->r9,
		.r8 = c->r8,
		.rbp = c->rbp,
		.rdi = c->rdi,
		.rsi = c->rsi,
		.rdx = c->rdx,
		.rcx = c->rcx,
		.rbx = c->rbx,
		.rax = c->rax,
		.vector = c->trap,
		.error = c->error,
		.rip = c->rip,
		.cs = c->cs,
		.rflags = c->rflags,
		.rsp = c->rsp,
		.ss = c->ss,
	};
}

enum access trap_access(const struct kernel_context *c, uintptr_t address)
{
	(void)address;
	return c->error & FAULT_JUMP	? ACCESS_JUMP
	       : c->error & FAULT_WRITE ? ACCESS_WRITE
					: ACCESS_READ;
}

uintptr_t trap_stack_pointer(const struct uc_arch_registers *registers)
{
	return registers->rsp;
}
