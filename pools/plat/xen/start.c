/* SPDX-License-Identifier: BSD-3-Clause */
#include <uc/boot.h>
#include <uc/plat.h>

#include "xen.h"

struct xen_guest xen_guest;

void xen_start(void)
{
	(void)uc_plat_entry_ns();
	if (xen_guest.store)
		xen_control_init();
	uc_boot_line(xen_guest.command_line);
}
