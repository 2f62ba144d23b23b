/* SPDX-License-Identifier: BSD-3-Clause */
#include <uc/arch/system.h>
#include <uc/boot.h>
#include <uc/console.h>
#include <uc/panic.h>
#include <uc/plat.h>

#include "arm_virt.h"

/* Where QEMU has the serial port, for what goes wrong before the device tree was read. */
#define SERIAL 0x09000000

/* The longest device tree that is looked for: what QEMU keeps free. */
#define TREE_MAX 0x100000

/*
 * Where the device tree is: a boot loader passes its address; QEMU, which starts an ELF image
 * without Linux's boot protocol, puts it at the start of memory.
 */
static void open_tree(struct uc_devicetree *tree, uintptr_t passed)
{
	if (passed >= (uintptr_t)uc_memory_start && passed % 4 == 0 && uc_arm_map_memory(passed) &&
	    uc_arm_map_memory(passed + TREE_MAX) &&
	    uc_devicetree_open(tree, (const void *)passed, TREE_MAX) == 0)
		return;
	if (uc_devicetree_open(tree, uc_memory_start, TREE_MAX))
		uc_panic("there is no device tree");
}

void uc_arm_start(uintptr_t devicetree)
{
	struct uc_devicetree tree;

	uc_arm_page_tables_init();
	uc_arm_map_device(SERIAL);
	serial_init(SERIAL);
	open_tree(&tree, devicetree);
	machine_init(&tree);
	serial_init(machine.serial);
	uc_arm_memory_init(&tree);
	uc_arm_clock_init();
	/* The tree lies in free memory: the line is copied. */
	uc_boot_line(uc_boot_copy_line(machine.command_line));
}

/* The line that a daemon waits for: see plat/README.md. */
void uc_plat_ready(void)
{
	uc_console_print("uc: ready ");
	uc_console_print_decimal(uc_plat_monotonic_ns());
	uc_console_print("\n");
}
