/* SPDX-License-Identifier: BSD-3-Clause */
#include <uc/alloc_region.h>
#include <uc/test.h>

static char memory[4096] __attribute__((__aligned__(64)));

static struct uc_alloc *make(void)
{
	static struct uc_alloc_region region;

	uc_alloc_region_init(&region, "test");
	UC_EXPECT_EQ(uc_alloc_region_add(&region, memory, sizeof(memory)), 0);
	return &region.alloc;
}

UC_TEST(hands_out_memory_in_a_row)
{
	struct uc_alloc *a = make();
	char *x = uc_alloc_from(a, 10, 0);
	char *y = uc_alloc_from(a, 10, 0);

	UC_EXPECT(x == memory + 16 && y == x + 32);
	UC_EXPECT_EQ((uintptr_t)uc_alloc_from(a, 1, 256) % 256, 0);
}

UC_TEST(takes_back_from_the_end)
{
	struct uc_alloc *a = make();
	char *x = uc_alloc_from(a, 10, 0);
	char *y = uc_alloc_from(a, 10, 0);

	uc_alloc_release(a, x);
	UC_EXPECT(uc_alloc_from(a, 10, 0) != x);
	a = make();
	x = uc_alloc_from(a, 10, 0);
	y = uc_alloc_from(a, 10, 0);
	uc_alloc_release(a, x);
	uc_alloc_release(a, y);
	UC_EXPECT(uc_alloc_from(a, 10, 0) == x);
}

UC_TEST(grows_the_last_block_in_place)
{
	struct uc_alloc *a = make();
	char *x = uc_alloc_from(a, 10, 0);

	UC_EXPECT(uc_alloc_resize(a, x, 2000) == x);
	UC_EXPECT(uc_alloc_resize(a, x, 4080) == x);
	UC_EXPECT(!uc_alloc_resize(a, x, 4081));
	UC_EXPECT(uc_alloc_resize(a, x, 1) == x);
	uc_alloc_from(a, 10, 0);
	UC_EXPECT(uc_alloc_resize(a, x, 100) != x);
}
