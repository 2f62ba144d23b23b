/* SPDX-License-Identifier: BSD-3-Clause */
#include <uc/plat.h>

#include "xen.h"

int uc_plat_memory(unsigned int index, struct uc_plat_memory *out)
{
	if (index > 0)
		return -2; /* -ENOENT */
	out->start = (void *)xen_guest.memory_start;
	out->size = xen_guest.memory_end - xen_guest.memory_start;
	return 0;
}
