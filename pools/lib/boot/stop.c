/* SPDX-License-Identifier: BSD-3-Clause */
#include <uc/boot.h>

static bool handled;
static bool requested;

bool uc_stop_requested(void)
{
	return requested;
}

void uc_boot_handle_stop(bool by_application)
{
	handled = by_application;
}

void uc_boot_stop(void)
{
	requested = true;
	if (!handled)
		uc_shutdown(UC_EXIT_STOPPED);
}
