/* SPDX-License-Identifier: BSD-3-Clause */
/* The devices, as the device tree lists them (Linux, Documentation/devicetree/bindings). */
#include <string.h>
#include <uc/panic.h>

#include "arm_virt.h"

/* Numbers of interrupts, and what the first cell of three tells of them (arm,gic.yaml). */
#define SHARED	      0
#define SHARED_FIRST  32
#define PRIVATE_FIRST 16

/* Of a generic timer's interrupts, that of the virtual one. */
#define VIRTUAL_TIMER 2

struct machine machine;

static unsigned int interrupt_of(const struct uc_devicetree *tree,
				 const struct uc_devicetree_node *node, unsigned int index)
{
	uint32_t cells[3];

	if (uc_devicetree_cells(tree, node, "interrupts", index * 3, cells, 3) < 3 ||
	    cells[1] > 1019)
		return 0;
	return cells[1] + (cells[0] == SHARED ? SHARED_FIRST : PRIVATE_FIRST);
}

/* The address of a device's registers, mapped; 0 if there are none. */
static uintptr_t device_at(const struct uc_devicetree *tree, const struct uc_devicetree_node *node,
			   unsigned int index)
{
	uint64_t address, size;

	if (uc_devicetree_reg(tree, node, index, &address, &size) || !uc_arm_map_device(address))
		return 0;
	return (uintptr_t)address;
}

static void read_gic(const struct uc_devicetree *tree, const struct uc_devicetree_node *node)
{
	if (uc_devicetree_is_compatible(tree, node, "arm,gic-v3")) {
		machine.gic_distributor = device_at(tree, node, 0);
		machine.gic_redistributor = device_at(tree, node, 1);
	} else if (uc_devicetree_is_compatible(tree, node, "arm,cortex-a15-gic") ||
		   uc_devicetree_is_compatible(tree, node, "arm,gic-400")) {
		machine.gic_distributor = device_at(tree, node, 0);
		machine.gic_interface = device_at(tree, node, 1);
	}
}

static void read_power(const struct uc_devicetree *tree, const struct uc_devicetree_node *node)
{
	const char *method = uc_devicetree_text(tree, node, "method");

	if (method && strcmp(method, "hvc") == 0)
		machine.power = POWER_HYPERVISOR;
	else if (method && strcmp(method, "smc") == 0)
		machine.power = POWER_FIRMWARE;
}

static void read_node(const struct uc_devicetree *tree, const struct uc_devicetree_node *node)
{
	uint32_t pin[3];

	if (node->depth == 1 && strcmp(node->name, "chosen") == 0) {
		machine.command_line = uc_devicetree_text(tree, node, "bootargs");
	} else if (uc_devicetree_is_compatible(tree, node, "arm,pl011")) {
		/* The first is the console; with `secure=on` QEMU has a second. */
		if (machine.serial)
			return;
		machine.serial = device_at(tree, node, 0);
		machine.serial_interrupt = interrupt_of(tree, node, 0);
	} else if (uc_devicetree_is_compatible(tree, node, "arm,pl031")) {
		machine.wallclock = device_at(tree, node, 0);
	} else if (uc_devicetree_is_compatible(tree, node, "arm,pl061")) {
		machine.gpio = device_at(tree, node, 0);
		machine.gpio_interrupt = interrupt_of(tree, node, 0);
	} else if (strcmp(node->name, "poweroff") == 0) {
		if (uc_devicetree_cells(tree, node, "gpios", 0, pin, 3) == 3 && pin[1] < 8)
			machine.gpio_pin = pin[1];
	} else if (uc_devicetree_is_compatible(tree, node, "arm,armv7-timer") ||
		   uc_devicetree_is_compatible(tree, node, "arm,armv8-timer")) {
		machine.timer_interrupt = interrupt_of(tree, node, VIRTUAL_TIMER);
	} else if (uc_devicetree_is_compatible(tree, node, "arm,psci-0.2") ||
		   uc_devicetree_is_compatible(tree, node, "arm,psci-1.0")) {
		read_power(tree, node);
	} else {
		read_gic(tree, node);
	}
}

void machine_init(const struct uc_devicetree *tree)
{
	struct uc_devicetree_node node = { 0 };
	int error;

	while ((error = uc_devicetree_next(tree, &node)) == 0)
		read_node(tree, &node);
	if (error != -2)
		uc_panic("the device tree is damaged");
}
