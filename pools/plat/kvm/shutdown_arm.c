/* SPDX-License-Identifier: BSD-3-Clause */
#include <uc/arm_virt.h>
#include <uc/boot.h>
#include <uc/console.h>
#include <uc/plat.h>

void uc_plat_shutdown(int code)
{
	uc_console_print("uc: exit ");
	uc_console_print_decimal((uint8_t)code);
	uc_console_print("\n");
	uc_arm_power_off();
}

void uc_plat_crash(void)
{
	uc_plat_shutdown(UC_EXIT_PANIC);
}
