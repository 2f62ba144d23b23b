/* SPDX-License-Identifier: BSD-3-Clause */
#include <uc/console.h>
#include <uc/plat.h>

/* The line that a daemon waits for: see plat/README.md. */
void uc_plat_ready(void)
{
	uc_console_print("uc: ready ");
	uc_console_print_decimal(uc_plat_monotonic_ns());
	uc_console_print("\n");
}
