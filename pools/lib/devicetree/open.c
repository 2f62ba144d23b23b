/* SPDX-License-Identifier: BSD-3-Clause */
#include "devicetree.h"

#include <errno.h>

#define MAGIC	     0xd00dfeed
#define HEADER_SIZE  40
#define VERSION	     17 /* of the format that is read here, since 2007 */
#define VERSION_LAST 16 /* with which it has to be compatible */

/* Offsets in the header. */
#define TOTAL_SIZE	0x04
#define STRUCTURE	0x08
#define STRINGS		0x0c
#define FORMAT		0x14
#define COMPATIBLE_FROM 0x18
#define STRINGS_SIZE	0x20
#define STRUCTURE_SIZE	0x24

static bool is_within(uint32_t offset, uint32_t size, uint32_t total)
{
	return offset <= total && size <= total - offset;
}

int uc_devicetree_open(struct uc_devicetree *tree, const void *blob, size_t limit)
{
	const uint8_t *header = blob;
	uint32_t total, structure, strings;

	if (limit < HEADER_SIZE || big_endian(header) != MAGIC)
		return -EINVAL;
	total = big_endian(header + TOTAL_SIZE);
	structure = big_endian(header + STRUCTURE);
	strings = big_endian(header + STRINGS);
	tree->structure_size = big_endian(header + STRUCTURE_SIZE);
	tree->strings_size = big_endian(header + STRINGS_SIZE);
	if (total < HEADER_SIZE || total > limit || big_endian(header + FORMAT) < VERSION ||
	    big_endian(header + COMPATIBLE_FROM) > VERSION_LAST || structure % 4 ||
	    !is_within(structure, tree->structure_size, total) ||
	    !is_within(strings, tree->strings_size, total))
		return -EINVAL;
	tree->structure = header + structure;
	tree->strings = (const char *)header + strings;
	return 0;
}
