/* SPDX-License-Identifier: BSD-3-Clause */
/* ARMv8-A, AArch64: registers of a trap, and the instructions that C lacks. Included by uc/arch.h.
 */
#ifndef UC_ARCH_CPU_H
#define UC_ARCH_CPU_H

#include <stdint.h>

/** The registers at a trap, in the order in which a platform's entry stores them. */
struct uc_arch_registers {
	uint64_t x[31];
	uint64_t sp, pc, pstate;
};

/** What a function with a frame pointer leaves on the stack (AAPCS64, 6.4.6). */
struct uc_arch_frame {
	uintptr_t caller; /* its frame pointer */
	uintptr_t return_address;
};

#define UC_ARCH_FRAME_BELOW 0

/** The place that a trap hit. */
static inline uintptr_t uc_arch_registers_place(const struct uc_arch_registers *registers)
{
	return registers->pc;
}

/** The frame pointer there. */
static inline uintptr_t uc_arch_registers_frame(const struct uc_arch_registers *registers)
{
	return registers->x[29];
}

/** What a loop that waits for another CPU does each time. */
static inline void uc_arch_relax(void)
{
	__asm__ volatile("yield" : : : "memory");
}

/** Orders accesses to memory that a device shares, before and after. */
static inline void uc_arch_device_barrier(void)
{
	__asm__ volatile("dmb sy" : : : "memory");
}

/** The virtual counter of the generic timer. */
static inline uint64_t uc_arch_cycles(void)
{
	uint64_t count;

	__asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(count) : : "memory");
	return count;
}

#endif /* UC_ARCH_CPU_H */
