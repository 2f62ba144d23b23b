/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What platforms need that have an ARMv7-A CPU for themselves, or nearly so: one with the large
 * physical address extension and a generic timer. Needs CONFIG_ARCH_ARM_SYSTEM. arch/arm64 has the
 * same under the same names.
 */
#ifndef UC_ARCH_SYSTEM_H
#define UC_ARCH_SYSTEM_H

#include <stdint.h>
#include <uc/arch/arm_system.h>

/** Entries of the first table: 4 GiB of address space. */
#define UC_ARM_ROOT_ENTRIES 4

/** Hertz of uc_arch_cycles. */
static inline uint32_t uc_arm_counter_frequency(void)
{
	uint32_t hz;

	__asm__ volatile("mrc p15, 0, %0, c14, c0, 0" : "=r"(hz));
	return hz;
}

/** Raises the virtual timer's interrupt when uc_arch_cycles comes to a value. */
static inline void uc_arm_timer_start(uint64_t cycles)
{
	__asm__ volatile("mcrr p15, 3, %0, %1, c14; mcr p15, 0, %2, c14, c3, 1; isb"
			 :
			 : "r"((uint32_t)cycles), "r"((uint32_t)(cycles >> 32)), "r"(1));
}

static inline void uc_arm_timer_stop(void)
{
	__asm__ volatile("mcr p15, 0, %0, c14, c3, 1; isb" : : "r"(0));
}

/** Halts until an interrupt waits, though it is masked. */
static inline void uc_arm_wait_for_interrupt(void)
{
	__asm__ volatile("dsb sy; wfi" : : : "memory");
}

/** Calls the hypervisor or the firmware with one number (SMC Calling Convention 1.2). */
static inline void uc_arm_call_hypervisor(uint32_t function)
{
	register uint32_t r0 __asm__("r0") = function;

	__asm__ volatile(".arch_extension virt\n\thvc #0"
			 : "+r"(r0)
			 :
			 : "r1", "r2", "r3", "memory");
}

static inline void uc_arm_call_firmware(uint32_t function)
{
	register uint32_t r0 __asm__("r0") = function;

	__asm__ volatile(".arch_extension sec\n\tsmc #0" : "+r"(r0) : : "r1", "r2", "r3", "memory");
}

/** The CPU's interface of a GICv3 (Arm IHI 0069): lets interrupts of group 1 and any priority in.
 */
static inline void uc_arm_gicv3_enable(void)
{
	__asm__ volatile("mcr p15, 0, %0, c12, c12, 5; isb; mcr p15, 0, %1, c4, c6, 0;"
			 "mcr p15, 0, %0, c12, c12, 7; isb"
			 :
			 : "r"(1), "r"(0xff));
}

/**
 * Switches address translation and caches on. root is the first table; attributes are those of the
 * memory types, eight bits each.
 */
static inline void uc_arm_translation_start(const uint64_t *root, uint64_t attributes)
{
	/* Long descriptors, 4 GiB, tables in cacheable memory; the second table is not used. */
	uint32_t control = 1u << 31 | 1 << 8 | 1 << 10 | 3 << 12 | 1 << 23;
	uint32_t system;

	__asm__ volatile("mcr p15, 0, %0, c10, c2, 0; mcr p15, 0, %1, c10, c2, 1;"
			 "mcr p15, 0, %2, c2, c0, 2; mcrr p15, 0, %3, %4, c2; isb"
			 :
			 : "r"((uint32_t)attributes), "r"((uint32_t)(attributes >> 32)),
			   "r"(control), "r"(root), "r"(0));
	__asm__ volatile("mcr p15, 0, %0, c8, c7, 0; mcr p15, 0, %0, c7, c5, 0;"
			 "mcr p15, 0, %0, c7, c5, 6; dsb; isb"
			 :
			 : "r"(0)
			 : "memory");
	/* Translation, data cache, branch prediction, instruction cache; no check of alignment. */
	__asm__ volatile("mrc p15, 0, %0, c1, c0, 0" : "=r"(system));
	system = (system & ~UINT32_C(0x70002002)) | 1 << 0 | 1 << 2 | 1 << 11 | 1 << 12;
	__asm__ volatile("mcr p15, 0, %0, c1, c0, 0; isb" : : "r"(system) : "memory");
}

/** After a change of tables. */
static inline void uc_arm_translation_flush(void)
{
	__asm__ volatile("dsb; mcr p15, 0, %0, c8, c7, 0; dsb; isb" : : "r"(0) : "memory");
}

#endif /* UC_ARCH_SYSTEM_H */
