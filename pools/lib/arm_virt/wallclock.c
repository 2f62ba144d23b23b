/* SPDX-License-Identifier: BSD-3-Clause */
/* The wall clock: a PL031's count of seconds (Arm DDI 0224), read once; the monotonic clock from
 * there. */
#include <uc/plat.h>

#include "arm_virt.h"

#define SECONDS 0

#define NS_PER_SEC UINT64_C(1000000000)

uint64_t uc_plat_wall_ns(void)
{
	static uint64_t offset;
	uint64_t now = uc_plat_monotonic_ns();

	if (!machine.wallclock)
		return 0;
	if (!offset)
		offset = read_register(machine.wallclock, SECONDS) * NS_PER_SEC - now;
	return offset + now;
}
