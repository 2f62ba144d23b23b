/* SPDX-License-Identifier: BSD-3-Clause */
#include <uc/plat.h>

#include "linuxu.h"
#include "syscall.h"

#define CLOCK_REALTIME	0
#define CLOCK_MONOTONIC 1

static uint64_t entry;

static uint64_t read_clock(int clock)
{
	struct linux_timespec time;

	syscall2(SYS_clock_gettime, clock, (long)&time);
	return (uint64_t)time.seconds * 1000000000 + (uint64_t)time.nanoseconds;
}

void clock_init(void)
{
	entry = uc_plat_monotonic_ns();
}

uint64_t uc_plat_entry_ns(void)
{
	return entry;
}

uint64_t uc_plat_monotonic_ns(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

uint64_t uc_plat_wall_ns(void)
{
	return read_clock(CLOCK_REALTIME);
}
