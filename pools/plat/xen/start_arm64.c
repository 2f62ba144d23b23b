/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The start on ARM, where there is one kind of guest. Its device tree tells memory, command line,
 * and where the grant table may lie (Linux, Documentation/devicetree/bindings/arm/xen.txt).
 */
#include <string.h>
#include <uc/arch/system.h>
#include <uc/arm_generic.h>
#include <uc/boot.h>
#include <uc/panic.h>

#include "clock_arm64.h"
#include "xen.h"

/* As in Linux's boot protocol. */
#define TREE_MAX 0x200000

static uint64_t grant_table, grant_table_size;
static const char *command_line;

static void read_node(const struct uc_devicetree *tree, const struct uc_devicetree_node *node)
{
	if (node->depth == 1 && strcmp(node->name, "chosen") == 0)
		command_line = uc_devicetree_text(tree, node, "bootargs");
	else if (uc_devicetree_is_compatible(tree, node, "xen,xen"))
		uc_devicetree_reg(tree, node, 0, &grant_table, &grant_table_size);
}

static void read_tree(const struct uc_devicetree *tree)
{
	struct uc_devicetree_node node = { 0 };
	int error;

	while ((error = uc_devicetree_next(tree, &node)) == 0)
		read_node(tree, &node);
	if (error != -2) /* -ENOENT: it was the last */
		uc_panic("the device tree is damaged");
}

static void open_tree(struct uc_devicetree *tree, uintptr_t passed)
{
	/* Zeros are there now, if it was put where nobody said that memory is ours. */
	if (passed % 4 || !uc_arm_map_memory(passed) || !uc_arm_map_memory(passed + TREE_MAX) ||
	    uc_devicetree_open(tree, (const void *)passed, TREE_MAX))
		uc_panic("there is no device tree");
}

void *xen_page_of_frame(uint64_t frame)
{
	uint64_t address = frame * XEN_PAGE_SIZE;

	return uc_arm_map_shared(address) ? (void *)(uintptr_t)address : NULL;
}

void *xen_grant_table_place(void)
{
	uint64_t size = CONFIG_XEN_GRANT_FRAMES * XEN_PAGE_SIZE;

	if (!grant_table || grant_table % XEN_PAGE_SIZE || grant_table_size < size)
		return NULL;
	/* It lies within 2 MiB, or the end has to be mapped, too. */
	if (!uc_arm_map_shared(grant_table) || !uc_arm_map_shared(grant_table + size - 1))
		return NULL;
	return (void *)(uintptr_t)grant_table;
}

void uc_arm_start(uintptr_t devicetree)
{
	struct uc_devicetree tree;

	uc_arm_page_tables_init();
	xen_clock_init();
	open_tree(&tree, devicetree);
	read_tree(&tree);
	xen_hvm_init();
	uc_arm_memory_init(&tree);
	/* The tree lies in free memory: the line is copied. */
	xen_guest.command_line = uc_boot_copy_line(command_line);
	xen_start();
}
