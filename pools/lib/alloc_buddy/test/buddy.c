/* SPDX-License-Identifier: BSD-3-Clause */
#include <uc/alloc_buddy.h>
#include <uc/test.h>

#define PAGE UC_ALLOC_PAGE_SIZE

/* Room for the records, and for 16 pages that begin at a multiple of their size. */
static char memory[17 * 4096] __attribute__((__aligned__(65536)));

static struct uc_alloc *make(void)
{
	static struct uc_alloc_buddy buddy;

	uc_alloc_buddy_init(&buddy, "test");
	/* One page before the 16 would be better; so the first of 16 has the records: 15 are left.
	 */
	UC_EXPECT_EQ(uc_alloc_buddy_add(&buddy, memory, sizeof(memory)), 0);
	return &buddy.alloc;
}

static size_t largest_free(struct uc_alloc *a)
{
	struct uc_alloc_stats stats;

	a->stats(a, &stats);
	return stats.largest_free;
}

UC_TEST(aligns_blocks_to_their_size)
{
	struct uc_alloc *a = make();

	for (size_t pages = 1; pages <= 8; pages *= 2) {
		uintptr_t block = (uintptr_t)uc_alloc_pages(a, pages);

		UC_EXPECT(block && block % (pages * PAGE) == 0);
	}
	UC_EXPECT(uc_alloc_pages(a, 1));
	UC_EXPECT(!uc_alloc_pages(a, 1));
}

UC_TEST(splits_and_merges)
{
	struct uc_alloc *a = make();
	void *pages[16];

	UC_EXPECT_EQ(largest_free(a), 8 * PAGE);
	for (unsigned int i = 0; i < 16; i++) {
		pages[i] = uc_alloc_pages(a, 1);
		UC_REQUIRE(pages[i]);
	}
	UC_EXPECT_EQ(largest_free(a), 0);
	for (unsigned int i = 0; i < 16; i += 2)
		uc_alloc_release(a, pages[i]);
	for (unsigned int i = 1; i < 16; i += 2)
		uc_alloc_release(a, pages[i]);
	UC_EXPECT_EQ(largest_free(a), 8 * PAGE);
}

UC_TEST(resizes_blocks_in_place)
{
	struct uc_alloc *a = make();
	char *block = uc_alloc_pages(a, 8);

	UC_EXPECT(uc_alloc_resize(a, block, 2 * PAGE) == block);
	UC_EXPECT_EQ(a->usable(a, block), 2 * PAGE);
	UC_EXPECT(uc_alloc_resize(a, block, 8 * PAGE) == block);
	UC_EXPECT_EQ(a->usable(a, block), 8 * PAGE);
}

UC_TEST(shares_pages_among_small_allocations)
{
	struct uc_alloc *a = make();
	char *first = uc_alloc_from(a, 16, 0);

	for (unsigned int i = 1; i < 252; i++)
		UC_EXPECT_EQ((uintptr_t)uc_alloc_from(a, 16, 0) / PAGE, (uintptr_t)first / PAGE);
	UC_EXPECT((uintptr_t)uc_alloc_from(a, 16, 0) / PAGE != (uintptr_t)first / PAGE);
	UC_EXPECT_EQ((uintptr_t)uc_alloc_from(a, 40, 64) % 64, 0);
	UC_EXPECT_EQ((uintptr_t)uc_alloc_from(a, 10, 512) % 512, 0);
	UC_EXPECT_EQ((uintptr_t)uc_alloc_from(a, 10, 1024) % 1024, 0);
}

UC_TEST(begins_without_a_look_at_the_memory)
{
	static struct uc_alloc_buddy buddy;
	struct uc_alloc *all = uc_alloc_default();
	struct uc_alloc_stats stats;

	all->stats(all, &stats);

	size_t size = stats.largest_free / 2;
	unsigned char *space = uc_alloc_from(all, size, 0);

	UC_REQUIRE(space && size > 64 * PAGE);
	for (size_t i = 0; i < size; i++)
		space[i] = 0xa5;
	uc_alloc_buddy_init(&buddy, "whole");
	UC_EXPECT_EQ(uc_alloc_buddy_add(&buddy, space, size), 0);

	size_t changed = 0;

	for (size_t i = 0; i < size; i += 16)
		changed += space[i] != 0xa5 || space[i + 8] != 0xa5;
	/* A record and a list's node for each block, of which there are two for each order. */
	UC_EXPECT(changed <= 4 * UC_ALLOC_BUDDY_ORDERS);
	uc_alloc_release(all, space);
}
