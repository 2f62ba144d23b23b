/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include "devicetree.h"

/* The property's length and the offset of its name. */
#define PROPERTY_HEADER 8

enum token next_token(const struct uc_devicetree *tree, uint32_t *at)
{
	uint32_t token;

	do {
		if (tree->structure_size < 4 || *at > tree->structure_size - 4)
			return TOKEN_DAMAGED;
		token = big_endian(tree->structure + *at);
		*at += 4;
	} while (token == TOKEN_NOP);
	return token == TOKEN_BEGIN_NODE || token == TOKEN_END_NODE || token == TOKEN_PROPERTY ||
			       token == TOKEN_END
		       ? (enum token)token
		       : TOKEN_DAMAGED;
}

bool read_property(const struct uc_devicetree *tree, uint32_t *at, struct property *out)
{
	const uint8_t *header = tree->structure + *at;
	uint32_t left = tree->structure_size - *at;
	uint32_t name, padded;

	if (left < PROPERTY_HEADER)
		return false;
	left -= PROPERTY_HEADER;
	out->length = big_endian(header);
	out->value = header + PROPERTY_HEADER;
	name = big_endian(header + 4);
	if (out->length > left || name >= tree->strings_size ||
	    !ends(tree->strings + name, tree->strings_size - name))
		return false;
	out->name = tree->strings + name;
	padded = (out->length + 3) & ~UINT32_C(3);
	*at += PROPERTY_HEADER + (padded <= left ? padded : left);
	return true;
}

const void *uc_devicetree_property(const struct uc_devicetree *tree,
				   const struct uc_devicetree_node *node, const char *name,
				   uint32_t *length)
{
	uint32_t at = node->properties;
	struct property property;

	while (next_token(tree, &at) == TOKEN_PROPERTY && read_property(tree, &at, &property)) {
		if (strcmp(property.name, name) != 0)
			continue;
		if (length)
			*length = property.length;
		return property.value;
	}
	return NULL;
}

const char *uc_devicetree_text(const struct uc_devicetree *tree,
			       const struct uc_devicetree_node *node, const char *name)
{
	uint32_t length;
	const char *text = uc_devicetree_property(tree, node, name, &length);

	return text && ends(text, length) ? text : NULL;
}

unsigned int uc_devicetree_cells(const struct uc_devicetree *tree,
				 const struct uc_devicetree_node *node, const char *name,
				 unsigned int first, uint32_t *out, unsigned int n)
{
	uint32_t length;
	const uint8_t *value = uc_devicetree_property(tree, node, name, &length);
	unsigned int count = 0;

	if (!value)
		return 0;
	for (; count < n && first < length / 4; first++)
		out[count++] = big_endian(value + (size_t)first * 4);
	return count;
}

bool uc_devicetree_is_compatible(const struct uc_devicetree *tree,
				 const struct uc_devicetree_node *node, const char *name)
{
	uint32_t length;
	const char *text = uc_devicetree_property(tree, node, "compatible", &length);

	/* Several strings, each with a zero at its end. */
	while (text && ends(text, length)) {
		uint32_t size = (uint32_t)strlen(text) + 1;

		if (strcmp(text, name) == 0)
			return true;
		text += size;
		length -= size;
	}
	return false;
}

int uc_devicetree_reg(const struct uc_devicetree *tree, const struct uc_devicetree_node *node,
		      unsigned int index, uint64_t *address, uint64_t *size)
{
	unsigned int parent = node->depth > 0 ? node->depth - 1 : 0;
	unsigned int address_cells = node->cells[parent].address;
	unsigned int size_cells = node->cells[parent].size;
	unsigned int count = address_cells + size_cells;
	uint32_t cells[4];

	if (address_cells > 2 || size_cells > 2 || count == 0 || index > UINT32_MAX / count)
		return -EINVAL;
	if (uc_devicetree_cells(tree, node, "reg", index * count, cells, count) < count)
		return -ENOENT;
	*address = 0;
	*size = 0;
	for (unsigned int i = 0; i < address_cells; i++)
		*address = *address << 32 | cells[i];
	for (unsigned int i = address_cells; i < count; i++)
		*size = *size << 32 | cells[i];
	return 0;
}
