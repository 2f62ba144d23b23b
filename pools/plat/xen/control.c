/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Requests from the toolstack: `xl shutdown` and virDomainShutdown write "poweroff", "reboot" or
 * "halt" into control/shutdown, and want it emptied by who takes it.
 */
#include <uc/boot.h>
#include <uc/xenstore.h>

#include "xen.h"

static struct uc_xenstore_watch shutdown = { .path = "control/shutdown" };

void xen_control_init(void)
{
	uc_xenstore_watch(&shutdown);
}

void xen_control_poll(void)
{
	char request[16];

	uc_xenstore_poll();
	if (!shutdown.fired)
		return;
	shutdown.fired = false;
	if (uc_xenstore_read(UC_XENSTORE_NO_TRANSACTION, shutdown.path, request, sizeof(request)) <=
	    0)
		return;
	uc_xenstore_write(UC_XENSTORE_NO_TRANSACTION, shutdown.path, "");
	uc_boot_stop();
}
