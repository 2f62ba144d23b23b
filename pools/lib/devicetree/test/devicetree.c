/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>
#include <uc/devicetree.h>
#include <uc/test.h>

#include "blob.h"

static struct blob blob;
static struct uc_devicetree tree;
static struct uc_devicetree_node node;

static void open_machine(void)
{
	blob_of_machine(&blob);
	UC_EXPECT_EQ(uc_devicetree_open(&tree, blob.bytes, sizeof(blob.bytes)), 0);
	memset(&node, 0, sizeof(node));
}

UC_TEST(visits_parents_before_their_children)
{
	static const struct {
		const char *name;
		unsigned int depth;
	} nodes[] = {
		{ "", 0 },    { "memory@40000000", 1 }, { "pl011@9000000", 1 }, { "child", 2 },
		{ "bus", 1 }, { "device", 2 },		{ "chosen", 1 },
	};

	open_machine();
	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
		UC_REQUIRE(uc_devicetree_next(&tree, &node) == 0);
		UC_EXPECT_STR(node.name, nodes[i].name);
		UC_EXPECT_EQ(node.depth, nodes[i].depth);
	}
	UC_EXPECT_EQ(uc_devicetree_next(&tree, &node), -ENOENT);
}

UC_TEST(finds_by_path)
{
	open_machine();
	UC_REQUIRE(uc_devicetree_find(&tree, "/chosen", &node) == 0);
	UC_EXPECT_STR(uc_devicetree_text(&tree, &node, "bootargs"), "one 'two three'");
	UC_EXPECT(!uc_devicetree_text(&tree, &node, "reg"));
	UC_EXPECT_EQ(uc_devicetree_find(&tree, "/bus/device", &node), 0);
	UC_EXPECT_STR(node.name, "device");
	UC_EXPECT_EQ(uc_devicetree_find(&tree, "/bus/child", &node), -ENOENT);
	UC_EXPECT_EQ(uc_devicetree_find(&tree, "/pl011", &node), -ENOENT);
	UC_EXPECT_EQ(uc_devicetree_find(&tree, "/", &node), 0);
	UC_EXPECT_EQ(node.depth, 0);
}

UC_TEST(reads_ranges_in_the_cells_of_the_parent)
{
	uint64_t address, size;

	open_machine();
	UC_REQUIRE(uc_devicetree_find(&tree, "/memory@40000000", &node) == 0);
	UC_REQUIRE(uc_devicetree_reg(&tree, &node, 1, &address, &size) == 0);
	UC_EXPECT_EQ(address, 0x100000000);
	UC_EXPECT_EQ(size, 0x1000);
	UC_EXPECT_EQ(uc_devicetree_reg(&tree, &node, 2, &address, &size), -ENOENT);
	UC_EXPECT_EQ(uc_devicetree_reg(&tree, &node, UINT32_MAX, &address, &size), -EINVAL);
	UC_REQUIRE(uc_devicetree_find(&tree, "/bus/device", &node) == 0);
	UC_REQUIRE(uc_devicetree_reg(&tree, &node, 0, &address, &size) == 0);
	UC_EXPECT_EQ(address, 7);
	UC_EXPECT_EQ(size, 8);
	/* Its parent says nothing: two cells and one, so that the two there are are too few. */
	UC_REQUIRE(uc_devicetree_find(&tree, "/pl011@9000000/child", &node) == 0);
	UC_EXPECT_EQ(uc_devicetree_reg(&tree, &node, 0, &address, &size), -ENOENT);
}

UC_TEST(knows_each_compatible_name)
{
	open_machine();
	UC_REQUIRE(uc_devicetree_find(&tree, "/pl011@9000000", &node) == 0);
	UC_EXPECT(uc_devicetree_is_compatible(&tree, &node, "arm,pl011"));
	UC_EXPECT(uc_devicetree_is_compatible(&tree, &node, "arm,primecell"));
	UC_EXPECT(!uc_devicetree_is_compatible(&tree, &node, "arm,pl01"));
	UC_EXPECT(!uc_devicetree_is_compatible(&tree, &node, ""));
}

UC_TEST(refuses_what_is_no_tree)
{
	open_machine();
	UC_EXPECT_EQ(uc_devicetree_open(&tree, blob.bytes, 39), -EINVAL);
	UC_EXPECT_EQ(uc_devicetree_open(&tree, blob.bytes, blob.size - 1), -EINVAL);
	blob.bytes[0] = 0;
	UC_EXPECT_EQ(uc_devicetree_open(&tree, blob.bytes, blob.size), -EINVAL);
}

UC_TEST(refuses_nodes_that_are_too_deep_or_not_closed)
{
	int error;

	memset(&blob, 0, sizeof(blob));
	for (unsigned int i = 0; i < 40; i++)
		blob_begin_node(&blob, "deep");
	blob_finish(&blob);
	UC_REQUIRE(uc_devicetree_open(&tree, blob.bytes, blob.size) == 0);
	memset(&node, 0, sizeof(node));
	while ((error = uc_devicetree_next(&tree, &node)) == 0)
		;
	UC_EXPECT_EQ(error, -EINVAL);
	UC_EXPECT_EQ(node.depth, UC_DEVICETREE_DEPTH_MAX);
}
