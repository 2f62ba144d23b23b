/* SPDX-License-Identifier: BSD-3-Clause */
#include <uc/alloc.h>
#include <uc/test.h>

UC_TEST(has_a_default_allocator_with_memory)
{
	struct uc_alloc *a = uc_alloc_default();
	struct uc_alloc_stats stats;

	UC_REQUIRE(a);
	UC_EXPECT(uc_alloc_first() == a);
	a->stats(a, &stats);
	UC_EXPECT(stats.total >= 256 * 1024 && stats.largest_free <= stats.free);
	UC_EXPECT(stats.used + stats.free <= stats.total);
}

UC_TEST(writes_to_all_memory_that_it_says_is_free)
{
	struct uc_alloc *a = uc_alloc_default();
	struct uc_alloc_stats stats;

	a->stats(a, &stats);

	/* Half of it: what one allocation can be depends on the allocator. */
	size_t size = stats.largest_free / 2;
	unsigned char *memory = uc_malloc(size);

	UC_REQUIRE(memory);
	for (size_t i = 0; i < size; i += 4096)
		memory[i] = (unsigned char)(i / 4096);
	for (size_t i = 0; i < size; i += 4096)
		UC_REQUIRE(memory[i] == (unsigned char)(i / 4096));
	memory[size - 1] = 1;
	uc_free(memory);
}

UC_TEST(counts_allocations)
{
	struct uc_alloc *a = uc_alloc_default();
	struct uc_alloc_stats before, with, after;

	a->stats(a, &before);
	void *ptr = uc_malloc(1000);

	a->stats(a, &with);
	uc_free(ptr);
	a->stats(a, &after);
	UC_EXPECT(with.used >= before.used + 1000 && with.peak >= with.used);
	UC_EXPECT_EQ(with.allocations, before.allocations + 1);
	UC_EXPECT_EQ(after.releases, before.releases + 1);
	UC_EXPECT_EQ(after.used, before.used);
	UC_EXPECT(!uc_alloc_pages(a, (size_t)-1));
	a->stats(a, &after);
	UC_EXPECT(after.failures >= with.failures);
}

UC_TEST(resizes_with_content)
{
	char *s = uc_realloc(NULL, 3);

	for (size_t size = 3; size < 40000; size = size * 2 + 1) {
		s[0] = 'f';
		s[size - 1] = 'l';
		s = uc_realloc(s, size * 2 + 1);
		UC_REQUIRE(s && s[0] == 'f' && s[size - 1] == 'l');
	}
	s = uc_realloc(s, 1);
	UC_EXPECT(s && s[0] == 'f');
	uc_free(s);
}

UC_TEST(prefers_the_allocator_that_is_set)
{
	struct uc_alloc *a = uc_alloc_default();

	uc_alloc_set_default(NULL);
	UC_EXPECT(!uc_malloc(1) && !uc_calloc(1, 1) && !uc_realloc(NULL, 1) && !uc_memalign(16, 1));
	uc_free(NULL);
	uc_alloc_set_default(a);
	void *ptr = uc_malloc(1);

	UC_EXPECT(ptr);
	uc_free(ptr);
}
