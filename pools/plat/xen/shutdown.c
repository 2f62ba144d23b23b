/* SPDX-License-Identifier: BSD-3-Clause */
/* Readiness and the end. What the daemon wants to know are keys of the guest's own folder: see
 * plat/README.md. */
#include <uc/boot.h>
#include <uc/console.h>
#include <uc/plat.h>
#include <uc/xenstore.h>

#include <xen/sched.h>

#include "hypercall.h"
#include "xen.h"

static void shut_down(unsigned int reason) __attribute__((__noreturn__));

static void shut_down(unsigned int reason)
{
	struct sched_shutdown shutdown = { .reason = reason };

	for (;;)
		xen_hypercall2(__HYPERVISOR_sched_op, SCHEDOP_shutdown, &shutdown);
}

void uc_plat_ready(void)
{
	uint64_t elapsed = uc_plat_monotonic_ns() - uc_plat_entry_ns();

	/* Somebody may wait for it, and a console is written by another program of dom0. */
	uc_xenstore_write_number(UC_XENSTORE_NO_TRANSACTION, "data/unicore-ready", elapsed);
	uc_console_print("uc: ready ");
	uc_console_print_decimal(elapsed);
	uc_console_print("\n");
}

static void report_exit(unsigned int code)
{
	uc_console_print("uc: exit ");
	uc_console_print_decimal(code);
	uc_console_print("\n");
}

void uc_plat_shutdown(int code)
{
	report_exit(code & 255);
	uc_xenstore_write_number(UC_XENSTORE_NO_TRANSACTION, "data/unicore-exit", code & 255);
	shut_down(SHUTDOWN_poweroff);
}

/* No xenstore any more: the panic may have been in the middle of a request. The reason says enough.
 */
void uc_plat_crash(void)
{
	report_exit(UC_EXIT_PANIC);
	shut_down(SHUTDOWN_crash);
}
