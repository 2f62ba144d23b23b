/* SPDX-License-Identifier: BSD-3-Clause */
/* Exceptions: each is the end. Arm Architecture Reference Manual for ARMv7-A, B1.8 and B4.1.52. */
#include <uc/arch.h>
#include <uc/arch/system.h>
#include <uc/panic.h>

/* Numbers of the vectors. */
#define UNDEFINED 1
#define JUMP	  3
#define ACCESS	  4

#define WRITE (1u << 11) /* in the data fault status */

/* Called by vectors.S. */
__attribute__((__noreturn__)) void uc_arm_trap(unsigned int vector,
					       const struct uc_arch_registers *r);

void uc_arm_trap(unsigned int vector, const struct uc_arch_registers *r)
{
	uint32_t status, address;

	if (vector == UNDEFINED)
		uc_panic_trap(r, "invalid instruction at %p", (void *)r->pc);
	if (vector == JUMP)
		uc_panic_trap(r, "invalid memory access: jump at %p", (void *)r->pc);
	if (vector != ACCESS)
		uc_panic_trap(r, "unexpected exception, vector %u", vector);
	__asm__ volatile("mrc p15, 0, %0, c5, c0, 0; mrc p15, 0, %1, c6, c0, 0"
			 : "=r"(status), "=r"(address));
	if (address - (uintptr_t)uc_stack_guard < 4096)
		uc_panic_trap(r, "stack overflow at %p", (void *)address);
	uc_panic_trap(r, "invalid memory access: %s at %p", status & WRITE ? "write" : "read",
		      (void *)address);
}
