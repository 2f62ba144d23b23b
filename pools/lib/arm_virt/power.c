/* SPDX-License-Identifier: BSD-3-Clause */
/* Power-off by the Power State Coordination Interface (Arm DEN 0022). */
#include <uc/arch/system.h>
#include <uc/arm_virt.h>

#include "arm_virt.h"

#define SYSTEM_OFF 0x84000008

void uc_arm_power_off(void)
{
	if (machine.power == POWER_HYPERVISOR)
		uc_arm_call_hypervisor(SYSTEM_OFF);
	else if (machine.power == POWER_FIRMWARE)
		uc_arm_call_firmware(SYSTEM_OFF);
	for (;;)
		uc_arm_wait_for_interrupt();
}
