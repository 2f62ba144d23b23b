/* SPDX-License-Identifier: BSD-3-Clause */
#include <uc/arch/instructions.h>
#include <uc/arch/system.h>
#include <uc/boot.h>
#include <uc/console.h>
#include <uc/plat.h>
#include <uc/x86_pc.h>

#ifdef CONFIG_BAREMETAL_RESET
/* The keyboard controller (Intel 8042) has the CPU's reset line; a chipset has it here, too. */
#define KEYBOARD_COMMAND 0x64
#define KEYBOARD_RESET	 0xfe
#define CHIPSET_RESET	 0xcf9
#define CHIPSET_FULL	 0x06

static void end(void)
{
	out8(CHIPSET_RESET, CHIPSET_FULL);
	out8(KEYBOARD_COMMAND, KEYBOARD_RESET);
	uc_x86_reset();
}
#else
static void end(void)
{
	uc_pc_acpi_power_off();
}
#endif

void uc_plat_shutdown(int code)
{
	uc_console_print("uc: exit ");
	uc_console_print_decimal((uint8_t)code);
	uc_console_print("\n");
	uc_pc_console_drain();
	end();
	/* A machine that cannot be powered off waits for someone who does. */
	for (;;)
		__asm__ volatile("cli; hlt");
}

void uc_plat_crash(void)
{
	uc_plat_shutdown(UC_EXIT_PANIC);
}
