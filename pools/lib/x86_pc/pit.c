/* SPDX-License-Identifier: BSD-3-Clause */
/* The programmable interval timer: an Intel 8254, 1,193,182 Hz. */
#include <uc/arch/instructions.h>

#include "x86_pc.h"

#define COUNTER_0 0x40
#define COUNTER_2 0x42
#define CONTROL	  0x43
#define SYSTEM_B  0x61 /* bit 0 gates counter 2, bit 1 the speaker, bit 5 is its output */

#define ONCE_0	 0x30 /* counter 0, low byte then high byte, mode 0 */
#define ONCE_2	 0xb0
#define STATUS_0 0xe2 /* read back the status of counter 0 */
#define GATE	 0x01
#define SPEAKER	 0x02
#define OUTPUT	 0x20

#define HZ	   UINT64_C(1193182)
#define NS_PER_SEC UINT64_C(1000000000)
#define WAIT_TICKS 1193

bool pit_exists(void)
{
	out8(CONTROL, STATUS_0);
	return in8(COUNTER_0) != 0xff;
}

void pit_arm(uint64_t ns)
{
	uint64_t ticks = ns > NS_PER_SEC / 20 ? HZ / 20 : ns * HZ / NS_PER_SEC + 1;

	out8(CONTROL, ONCE_0);
	out8(COUNTER_0, (uint8_t)ticks);
	out8(COUNTER_0, (uint8_t)(ticks >> 8));
}

uint64_t pit_wait(void)
{
	out8(SYSTEM_B, (uint8_t)((in8(SYSTEM_B) & ~SPEAKER) | GATE));
	out8(CONTROL, ONCE_2);
	out8(COUNTER_2, (uint8_t)WAIT_TICKS);
	out8(COUNTER_2, WAIT_TICKS >> 8);
	while (!(in8(SYSTEM_B) & OUTPUT))
		;
	return WAIT_TICKS * NS_PER_SEC / HZ;
}
