/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The wall clock, from the shared info page (public/xen.h): the time at which the clock of
 * xen_uptime_ns stood at 0. An odd version, or one that changes, means that Xen was writing.
 */
#include <uc/plat.h>

#include "xen.h"

uint64_t uc_plat_wall_ns(void)
{
	volatile shared_info_t *shared = xen_guest.shared;
	uint32_t version;
	uint64_t at_boot;

	do {
		version = __atomic_load_n(&shared->wc_version, __ATOMIC_ACQUIRE);
		at_boot = ((uint64_t)shared->wc_sec_hi << 32 | shared->wc_sec) * 1000000000 +
			  shared->wc_nsec;
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while ((version & 1) || version != shared->wc_version);
	return at_boot + xen_uptime_ns();
}
