/* SPDX-License-Identifier: BSD-3-Clause */
/* The power button: a pin of a PL061 (Arm DDI 0190), high while it is pressed. */
#include "arm_virt.h"

#define SENSE	      0x404 /* edges are 0 */
#define BOTH_EDGES    0x408
#define EVENT	      0x40c /* which edge: rising is 1 */
#define INTERRUPT_ON  0x410
#define RAW_INTERRUPT 0x414
#define INTERRUPT_END 0x41c

static uint32_t pin;

static void change(uintptr_t offset, uint32_t set, uint32_t clear)
{
	write_register(machine.gpio, offset, (read_register(machine.gpio, offset) & ~clear) | set);
}

void button_init(void)
{
	if (!machine.gpio || !machine.gpio_pin)
		return;
	pin = 1u << machine.gpio_pin;
	change(SENSE, 0, pin);
	change(BOTH_EDGES, 0, pin);
	change(EVENT, pin, 0);
	write_register(machine.gpio, INTERRUPT_END, pin);
	change(INTERRUPT_ON, pin, 0);
}

bool button_pressed(void)
{
	if (!pin || !(read_register(machine.gpio, RAW_INTERRUPT) & pin))
		return false;
	write_register(machine.gpio, INTERRUPT_END, pin);
	return true;
}
