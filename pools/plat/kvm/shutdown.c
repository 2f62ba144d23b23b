/* SPDX-License-Identifier: BSD-3-Clause */
#include <uc/boot.h>
#include <uc/console.h>
#include <uc/plat.h>

#include "kvm.h"
#include "ports.h"

/*
 * The device isa-debug-exit: what is written, times 2, plus 1, is QEMU's exit status. 0x501 is its
 * default port, 0xf4 the one that most test suites choose. Without the device nothing happens.
 */
#define DEBUG_EXIT	 0x501
#define DEBUG_EXIT_OTHER 0xf4

/* An exception that cannot be delivered, nor the one that follows from it: the machine is reset. */
__attribute__((__noreturn__)) static void reset(void)
{
	static const struct {
		uint16_t limit;
		uint64_t table;
	} __attribute__((__packed__)) nothing;

	__asm__ volatile("lidt %0; ud2" : : "m"(nothing));
	__builtin_unreachable();
}

void uc_plat_shutdown(int code)
{
	uint8_t low = (uint8_t)code;

	uc_console_print("uc: exit ");
	uc_console_print_decimal(low);
	uc_console_print("\n");
	out8(DEBUG_EXIT, low);
	out8(DEBUG_EXIT_OTHER, low);
#ifdef CONFIG_KVM_ACPI
	acpi_power_off();
#endif
	reset();
}

void uc_plat_crash(void)
{
	uc_plat_shutdown(UC_EXIT_PANIC);
}
