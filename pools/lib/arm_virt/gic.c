/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The interrupt controller, version 2 (Arm IHI 0048) or 3 (IHI 0069). Interrupts are masked in the
 * CPU for good: one that is pending ends the wait, and goes away when its device is told to be
 * quiet. So none is ever acknowledged.
 */
#include <uc/arch/system.h>

#include "arm_virt.h"

/* The distributor; for private interrupts of version 3, the redistributor's second 64 KiB. */
#define CONTROL	 0x000
#define GROUP	 0x080
#define ENABLE	 0x100
#define PRIORITY 0x400
#define ROUTE	 0x6000

#define CONTROL_ON     1    /* version 2 */
#define CONTROL_ON_V3  0x12 /* group 1, and routes by the CPU's number */
#define PRIVATE_COUNT  32
#define PRIORITY_VALUE 0x80

/* The CPU's interface of version 2. */
#define INTERFACE_CONTROL 0x0
#define INTERFACE_MASK	  0x4

/* The redistributor of the first CPU. */
#define WAKER	      0x14
#define ASLEEP	      2
#define CHILDREN      4
#define PRIVATE_FRAME 0x10000

/* A redistributor that does not wake up in so many reads will not. */
#define PATIENCE 1000000

static bool wake_redistributor(void)
{
	uintptr_t redistributor = machine.gic_redistributor;

	write_register(redistributor, WAKER,
		       read_register(redistributor, WAKER) & ~(uint32_t)ASLEEP);
	for (unsigned int i = 0; i < PATIENCE; i++)
		if (!(read_register(redistributor, WAKER) & CHILDREN))
			return true;
	return false;
}

bool gic_init(void)
{
	if (!machine.gic_distributor)
		return false;
	if (machine.gic_interface) {
		write_register(machine.gic_distributor, CONTROL, CONTROL_ON);
		write_register(machine.gic_interface, INTERFACE_MASK, 0xff);
		write_register(machine.gic_interface, INTERFACE_CONTROL, CONTROL_ON);
		return true;
	}
	if (!machine.gic_redistributor || !wake_redistributor())
		return false;
	write_register(machine.gic_distributor, CONTROL, CONTROL_ON_V3);
	uc_arm_gicv3_enable();
	return true;
}

void gic_enable(unsigned int interrupt)
{
	uintptr_t frame = machine.gic_distributor;
	uintptr_t word = interrupt / 32 * 4;
	uint32_t bit = 1u << interrupt % 32;

	if (!interrupt)
		return;
	if (!machine.gic_interface && interrupt < PRIVATE_COUNT)
		frame = machine.gic_redistributor + PRIVATE_FRAME;
	if (!machine.gic_interface) {
		write_register(frame, GROUP + word, read_register(frame, GROUP + word) | bit);
		/* To the first CPU: the upper half of the 64 bits is 0 from reset. */
		if (interrupt >= PRIVATE_COUNT)
			write_register(frame, ROUTE + interrupt * 8ul, 0);
	} else if (interrupt >= PRIVATE_COUNT) {
		/* The targets, a byte each, lie behind the priorities. */
		*(volatile uint8_t *)(frame + 0x800 + interrupt) = 1;
	}
	*(volatile uint8_t *)(frame + PRIORITY + interrupt) = PRIORITY_VALUE;
	write_register(frame, ENABLE + word, bit);
}
