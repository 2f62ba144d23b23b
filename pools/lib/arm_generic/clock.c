/* SPDX-License-Identifier: BSD-3-Clause */
/* The monotonic clock: the counter of the generic timer, whose rate is known and constant. */
#include <uc/arch.h>
#include <uc/arch/system.h>
#include <uc/arm_generic.h>
#include <uc/panic.h>
#include <uc/plat.h>

#define NS_PER_SEC UINT64_C(1000000000)

/* ns = cycles * rate / 2^32 */
static uint64_t rate;

void uc_arm_clock_init(void)
{
	uint32_t hz = uc_arm_counter_frequency();

	if (hz == 0)
		uc_panic("the counter's frequency is not known");
	rate = (NS_PER_SEC << 32) / hz;
}

/* In halves: the product has 128 bits, and no 32-bit CPU multiplies that. */
uint64_t uc_arm_cycles_to_ns(uint64_t cycles)
{
	uint64_t whole = rate >> 32;
	uint64_t part = rate & UINT32_MAX;

	return cycles * whole + (cycles >> 32) * part + ((cycles & UINT32_MAX) * part >> 32);
}

uint64_t uc_plat_monotonic_ns(void)
{
	return uc_arm_cycles_to_ns(uc_arch_cycles() - uc_arm_entry_cycles);
}

uint64_t uc_plat_entry_ns(void)
{
	return 0;
}

uint64_t uc_arm_cycles_after(uint64_t ns)
{
	return uc_arch_cycles() + ns * uc_arm_counter_frequency() / NS_PER_SEC + 1;
}
