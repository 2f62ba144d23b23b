/* SPDX-License-Identifier: BSD-3-Clause */
/* Hostile device trees: whatever is changed, no byte outside of the blob is read, and each walk
 * ends. */
#include <errno.h>
#include <string.h>
#include <uc/devicetree.h>

#include "blob.h"
#include "host.h"

#define CASES 60000

static unsigned long opened, walked;

/* Asks for all that the library can tell of a tree. */
static void walk(const void *blob, size_t size)
{
	struct uc_devicetree tree;
	struct uc_devicetree_node node = { 0 };
	unsigned int nodes = 0;
	uint64_t address, length;
	uint32_t cells[4];
	int error;

	if (uc_devicetree_open(&tree, blob, size))
		return;
	opened++;
	while ((error = uc_devicetree_next(&tree, &node)) == 0) {
		const char *text = uc_devicetree_text(&tree, &node, "bootargs");

		CHECK(++nodes <= size, "more nodes than bytes");
		CHECK(node.depth <= UC_DEVICETREE_DEPTH_MAX, "depth %u", node.depth);
		if (text)
			CHECK(strlen(text) < size, "an endless text");
		uc_devicetree_is_compatible(&tree, &node, "arm,primecell");
		uc_devicetree_cells(&tree, &node, "reg", random_below(8), cells, 4);
		for (unsigned int i = 0; !uc_devicetree_reg(&tree, &node, i, &address, &length);
		     i++)
			CHECK(i < size, "more ranges than bytes");
	}
	CHECK(error == -ENOENT || error == -EINVAL, "error %d", error);
	walked += error == -ENOENT;
	uc_devicetree_find(&tree, "/bus/device", &node);
}

/* In memory of just its size, so that the sanitizer sees each byte too much. */
static void walk_exactly(const uint8_t *bytes, size_t size)
{
	void *copy = malloc(size + 1);

	CHECK(copy, "no memory");
	memcpy((uint8_t *)copy + 1, bytes, size);
	walk((uint8_t *)copy + 1, size);
	free(copy);
}

static void damage(struct blob *blob)
{
	static const uint8_t values[] = { 0, 1, 2, 3, 4, 9, 0x7f, 0x80, 0xff };

	for (unsigned int n = 1 + random_below(4); n > 0; n--)
		blob->bytes[random_below((unsigned int)blob->size)] =
			random_below(2) ? values[random_below(sizeof(values))]
					: (uint8_t)random_bits();
}

int main(void)
{
	static struct blob blob;

	for (unsigned int i = 0; i < CASES; i++) {
		blob_of_machine(&blob);
		if (i % 4)
			damage(&blob);
		walk_exactly(blob.bytes, i % 8 ? blob.size : random_below((unsigned int)blob.size));
	}
	/* Most damage is not seen at once, and some is none. */
	CHECK(opened > CASES / 4 && opened < CASES, "%lu opened", opened);
	CHECK(walked > CASES / 8 && walked < opened, "%lu walked", walked);
	printf("ok 1 - hostile trees: %d cases\n1..1\n", CASES);
	return 0;
}
