/* SPDX-License-Identifier: BSD-3-Clause */
/* What a signal handler gets on arm: struct ucontext with struct sigcontext, as far as it is read.
 */
#include "trap_context.h"

#include <uc/arch.h>

#include "linuxu.h"

struct kernel_context {
	struct kernel_context_head head;
	uint32_t trap, error, mask;
	uint32_t r[13];
	uint32_t sp, lr, pc, cpsr;
	uint32_t fault_address;
};

/* Page fault: arch/arm/mm/fault.c. QEMU's user mode leaves it 0. */
#define TRAP_PAGE_FAULT 14
#define FAULT_WRITE	(1u << 11)

void trap_registers(const struct kernel_context *c, struct uc_arch_registers *out)
{
	for (unsigned int i = 0; i < 13; i++)
		out->r[i] = c->r[i];
	out->sp = c->sp;
	out->lr = c->lr;
	out->pc = c->pc;
	out->cpsr = c->cpsr;
}

enum access trap_access(const struct kernel_context *c, uintptr_t address)
{
	/* Bit 0 of an address that is jumped to tells the instruction set. */
	if ((address & ~UINT32_C(1)) == (c->pc & ~UINT32_C(1)))
		return ACCESS_JUMP;
	if (c->trap != TRAP_PAGE_FAULT)
		return ACCESS_UNKNOWN;
	return c->error & FAULT_WRITE ? ACCESS_WRITE : ACCESS_READ;
}

uintptr_t trap_stack_pointer(const struct uc_arch_registers *registers)
{
	return registers->sp;
}
