/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What platforms need that have an ARMv8-A CPU for themselves, or nearly so. Needs
 * CONFIG_ARCH_ARM64_SYSTEM. arch/arm has the same under the same names.
 */
#ifndef UC_ARCH_SYSTEM_H
#define UC_ARCH_SYSTEM_H

#include <stdint.h>
#include <uc/arch/arm_system.h>

/** Entries of the first table: 39 bits of address space, a GiB each. */
#define UC_ARM_ROOT_ENTRIES 512

/** Hertz of uc_arch_cycles. */
static inline uint32_t uc_arm_counter_frequency(void)
{
	uint64_t hz;

	__asm__ volatile("mrs %0, cntfrq_el0" : "=r"(hz));
	return (uint32_t)hz;
}

/** Raises the virtual timer's interrupt when uc_arch_cycles comes to a value. */
static inline void uc_arm_timer_start(uint64_t cycles)
{
	__asm__ volatile("msr cntv_cval_el0, %0; msr cntv_ctl_el0, %1; isb"
			 :
			 : "r"(cycles), "r"(UINT64_C(1)));
}

static inline void uc_arm_timer_stop(void)
{
	__asm__ volatile("msr cntv_ctl_el0, xzr; isb");
}

/** Halts until an interrupt waits, though it is masked. */
static inline void uc_arm_wait_for_interrupt(void)
{
	__asm__ volatile("dsb sy; wfi" : : : "memory");
}

/** Calls the hypervisor or the firmware with one number (SMC Calling Convention 1.2). */
static inline void uc_arm_call_hypervisor(uint32_t function)
{
	register uint64_t x0 __asm__("x0") = function;

	__asm__ volatile("hvc #0" : "+r"(x0) : : "x1", "x2", "x3", "memory");
}

static inline void uc_arm_call_firmware(uint32_t function)
{
	register uint64_t x0 __asm__("x0") = function;

	__asm__ volatile("smc #0" : "+r"(x0) : : "x1", "x2", "x3", "memory");
}

/** The CPU's interface of a GICv3 (Arm IHI 0069): lets interrupts of group 1 and any priority in.
 */
static inline void uc_arm_gicv3_enable(void)
{
	__asm__ volatile(
		"msr s3_0_c12_c12_5, %0; isb; msr s3_0_c4_c6_0, %1; msr s3_0_c12_c12_7, %0; isb"
		:
		: "r"(UINT64_C(1)), "r"(UINT64_C(0xff)));
}

/**
 * Switches address translation and caches on. root is the first table; attributes are those of the
 * memory types, eight bits each.
 */
static inline void uc_arm_translation_start(const uint64_t *root, uint64_t attributes)
{
	/* 39 bits, pages of 4 KiB, tables in cacheable memory; the upper half is not used. */
	uint64_t control = 25 | 1 << 8 | 1 << 10 | 3 << 12 | 1 << 23;
	uint64_t features;

	__asm__ volatile("mrs %0, id_aa64mmfr0_el1" : "=r"(features));
	features &= 15;
	control |= (features < 5 ? features : 5) << 32;
	__asm__ volatile("msr mair_el1, %0; msr tcr_el1, %1; msr ttbr0_el1, %2; isb;"
			 "tlbi vmalle1; ic iallu; dsb nsh; isb;"
			 "msr sctlr_el1, %3; isb"
			 :
			 : "r"(attributes), "r"(control), "r"(root),
			   /* bits that are one, with M, C, SA and I */
			   "r"(UINT64_C(0x30d0180d))
			 : "memory");
}

/** After a change of tables. */
static inline void uc_arm_translation_flush(void)
{
	__asm__ volatile("dsb ishst; tlbi vmalle1; dsb nsh; isb" : : : "memory");
}

#endif /* UC_ARCH_SYSTEM_H */
