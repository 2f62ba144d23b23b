/* SPDX-License-Identifier: BSD-3-Clause */
/* x86-64: registers of a trap, and the instructions that C does not have. Included by uc/arch.h. */
#ifndef UC_ARCH_CPU_H
#define UC_ARCH_CPU_H

#include <stdint.h>

/** The registers at a trap, in the order in which arch/x86_64's entry stores them. */
struct uc_arch_registers {
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8;
	uint64_t rbp, rdi, rsi, rdx, rcx, rbx, rax;
	uint64_t vector, error;
	uint64_t rip, cs, rflags, rsp, ss;
};

/** What a function with a frame pointer leaves on the stack (System V ABI for AMD64, 3.2.2). */
struct uc_arch_frame {
	uintptr_t caller; /* its frame pointer */
	uintptr_t return_address;
};

#define UC_ARCH_FRAME_BELOW 0

/** The place that a trap hit. */
static inline uintptr_t uc_arch_registers_place(const struct uc_arch_registers *registers)
{
	return registers->rip;
}

/** The frame pointer there. */
static inline uintptr_t uc_arch_registers_frame(const struct uc_arch_registers *registers)
{
	return registers->rbp;
}

/** What a loop that waits for another CPU does each time. */
static inline void uc_arch_relax(void)
{
	__asm__ volatile("pause" : : : "memory");
}

/** Orders accesses to memory that a device shares, before and after. */
static inline void uc_arch_device_barrier(void)
{
	__asm__ volatile("mfence" : : : "memory");
}

/** The time-stamp counter. */
static inline uint64_t uc_arch_cycles(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

#endif /* UC_ARCH_CPU_H */
