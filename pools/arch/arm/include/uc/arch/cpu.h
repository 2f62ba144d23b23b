/* SPDX-License-Identifier: BSD-3-Clause */
/* ARMv7-A: registers of a trap, and the instructions that C lacks. Included by uc/arch.h. */
#ifndef UC_ARCH_CPU_H
#define UC_ARCH_CPU_H

#include <stdint.h>

/** The registers at a trap, in the order in which a platform's entry stores them. */
struct uc_arch_registers {
	uint32_t r[13];
	uint32_t sp, lr, pc, cpsr;
};

/** What GCC's -mapcs-frame lets each function leave on the stack, from its frame pointer downwards.
 */
struct uc_arch_frame {
	uintptr_t caller; /* its frame pointer */
	uintptr_t stack_pointer;
	uintptr_t return_address;
	uintptr_t place;
};

#define UC_ARCH_FRAME_BELOW 12

/** The place that a trap hit. */
static inline uintptr_t uc_arch_registers_place(const struct uc_arch_registers *registers)
{
	return registers->pc;
}

/** The frame pointer there. */
static inline uintptr_t uc_arch_registers_frame(const struct uc_arch_registers *registers)
{
	return registers->r[11];
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

/** The virtual counter of the generic timer, for CPUs that have one. */
static inline uint64_t uc_arch_cycles(void)
{
	uint32_t low, high;

	__asm__ volatile("isb; mrrc p15, 1, %0, %1, c14" : "=r"(low), "=r"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

#endif /* UC_ARCH_CPU_H */
