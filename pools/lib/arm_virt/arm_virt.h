/* SPDX-License-Identifier: BSD-3-Clause */
/* What the parts of the machine tell each other. */
#ifndef ARM_VIRT_ARM_VIRT_H
#define ARM_VIRT_ARM_VIRT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uc/arm_generic.h>
#include <uc/devicetree.h>

/** Set by the linker script: where memory begins. */
extern char uc_memory_start[];

/** A device's registers: 32 bits each. */
static inline uint32_t read_register(uintptr_t device, uintptr_t offset)
{
	return *(volatile uint32_t *)(device + offset);
}

static inline void write_register(uintptr_t device, uintptr_t offset, uint32_t value)
{
	*(volatile uint32_t *)(device + offset) = value;
}

/* machine.c */

/** What the device tree says of the machine; 0 where it has no such device. */
struct machine {
	uintptr_t serial;
	unsigned int serial_interrupt;
	uintptr_t wallclock;
	uintptr_t gpio; /* that the power button is a pin of */
	unsigned int gpio_interrupt;
	unsigned int gpio_pin;
	uintptr_t gic_distributor;
	uintptr_t gic_interface;     /* of version 2 */
	uintptr_t gic_redistributor; /* of version 3 */
	unsigned int timer_interrupt;
	enum {
		POWER_UNKNOWN,
		POWER_HYPERVISOR,
		POWER_FIRMWARE
	} power;
	const char *command_line; /* in the device tree, or NULL */
};

extern struct machine machine;

/** Fills it in, and maps the devices. */
void machine_init(const struct uc_devicetree *tree);

/* serial.c */

/** Starts with the serial port at an address. */
void serial_init(uintptr_t device);

/** Whether somebody reads, and there is something to read. */
bool serial_has_input(void);

/** Lets input raise an interrupt, if somebody reads, or not. */
void serial_wake(bool on);

/* gic.c */

/** Starts the interrupt controller, with all interrupts off. False if there is none. */
bool gic_init(void);

/** Lets an interrupt end uc_arm_wait_for_interrupt. */
void gic_enable(unsigned int interrupt);

/* button.c */

/** Lets the power button raise its interrupt. */
void button_init(void);

/** Whether it was pressed since this was last asked. */
bool button_pressed(void);

#endif /* ARM_VIRT_ARM_VIRT_H */
