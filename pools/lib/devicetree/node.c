/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include "devicetree.h"

/* Cells that numbers of a node's children have, unless it says otherwise: the
 * specification's 2.3.5. */
#define ADDRESS_CELLS 2
#define SIZE_CELLS    1

/* A number of cells; what is not one counts as more than can be read. */
static uint8_t read_cells(const struct property *property)
{
	uint32_t n = property->length == 4 ? big_endian(property->value) : UINT8_MAX;

	return n < UINT8_MAX ? (uint8_t)n : UINT8_MAX;
}

/* Reads name and properties of the node whose token was just read. */
static int enter(const struct uc_devicetree *tree, struct uc_devicetree_node *node, uint32_t at)
{
	const char *name = (const char *)tree->structure + at;
	struct property property;
	uint32_t next;

	if (node->open > UC_DEVICETREE_DEPTH_MAX || !ends(name, tree->structure_size - at))
		return -EINVAL;
	node->name = name;
	node->depth = node->open++;
	node->properties = at + (((uint32_t)strlen(name) + 1 + 3) & ~UINT32_C(3));
	node->next = node->properties;
	node->cells[node->depth].address = ADDRESS_CELLS;
	node->cells[node->depth].size = SIZE_CELLS;
	for (next = node->next; next_token(tree, &next) == TOKEN_PROPERTY; node->next = next) {
		if (!read_property(tree, &next, &property))
			return -EINVAL;
		if (strcmp(property.name, "#address-cells") == 0)
			node->cells[node->depth].address = read_cells(&property);
		if (strcmp(property.name, "#size-cells") == 0)
			node->cells[node->depth].size = read_cells(&property);
	}
	return 0;
}

int uc_devicetree_next(const struct uc_devicetree *tree, struct uc_devicetree_node *node)
{
	uint32_t at = node->next;

	for (;;) {
		switch (next_token(tree, &at)) {
		case TOKEN_BEGIN_NODE:
			/* There is one root. */
			if (node->open == 0 && node->name)
				return -EINVAL;
			return enter(tree, node, at);
		case TOKEN_END_NODE:
			if (node->open == 0)
				return -EINVAL;
			node->open--;
			node->next = at;
			break;
		case TOKEN_END:
			return node->open == 0 ? -ENOENT : -EINVAL;
		default:
			/* Properties come before the children. */
			return -EINVAL;
		}
	}
}
