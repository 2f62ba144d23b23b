/* SPDX-License-Identifier: BSD-3-Clause */
#include <uc/arch/instructions.h>
#include <uc/arch/system.h>
#include <uc/boot.h>
#include <uc/console.h>
#include <uc/plat.h>
#include <uc/x86_pc.h>

/*
 * The device isa-debug-exit: what is written, times 2, plus 1, is QEMU's exit status. 0x501 is its
 * default port, 0xf4 the one that most test suites choose. Without the device nothing happens.
 */
#define DEBUG_EXIT	 0x501
#define DEBUG_EXIT_OTHER 0xf4

void uc_plat_shutdown(int code)
{
	uint8_t low = (uint8_t)code;

	uc_console_print("uc: exit ");
	uc_console_print_decimal(low);
	uc_console_print("\n");
	uc_pc_console_drain();
	out8(DEBUG_EXIT, low);
	out8(DEBUG_EXIT_OTHER, low);
#ifdef CONFIG_KVM_ACPI
	uc_pc_acpi_power_off();
#endif
	uc_x86_reset();
}

void uc_plat_crash(void)
{
	uc_plat_shutdown(UC_EXIT_PANIC);
}
