/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Time, from the shared info page (struct vcpu_time_info in public/xen.h): nanoseconds since the
 * host's boot at a TSC reading, and how to scale the TSC from there. An odd version, or one that
 * changes, means that Xen was writing.
 */
#include <uc/plat.h>

#include "xen.h"

static uint64_t entry;

static uint64_t read_tsc(void)
{
	uint32_t low, high;

	__asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

static uint64_t scale(uint64_t ticks, uint32_t multiplier, int8_t shift)
{
	ticks = shift < 0 ? ticks >> -shift : ticks << shift;
	return (uint64_t)((unsigned __int128)ticks * multiplier >> 32);
}

uint64_t uc_plat_monotonic_ns(void)
{
	volatile struct vcpu_time_info *time = &xen_guest.shared->vcpu_info[0].time;
	uint32_t version;
	uint64_t now;

	do {
		version = __atomic_load_n(&time->version, __ATOMIC_ACQUIRE);
		now = time->system_time + scale(read_tsc() - time->tsc_timestamp,
						time->tsc_to_system_mul, time->tsc_shift);
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while ((version & 1) || version != time->version);
	return now;
}

uint64_t xen_uptime_ns(void)
{
	return uc_plat_monotonic_ns();
}

uint64_t xen_system_time(uint64_t monotonic)
{
	return monotonic;
}

/* The time of the first reading, which xen_start makes. */
uint64_t uc_plat_entry_ns(void)
{
	if (!entry)
		entry = uc_plat_monotonic_ns();
	return entry;
}
