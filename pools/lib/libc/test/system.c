/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <uc/test.h>

static jmp_buf place;

__attribute__((__noinline__, __noreturn__)) static void jump(int depth, int value)
{
	if (depth > 0)
		jump(depth - 1, value);
	longjmp(place, value);
}

UC_TEST(jumps_over_calls)
{
	volatile int jumps = 0;
	int value = setjmp(place);

	if (++jumps < 4)
		jump(jumps * 3, jumps - 1);
	/* A jump with 0 arrives as 1. */
	UC_EXPECT_EQ(jumps, 4);
	UC_EXPECT_EQ(value, 2);
}

UC_TEST(allocates_from_the_default_allocator)
{
	char *copy = strdup("a copy");
	int *zeros = calloc(100, sizeof(int));
	void *page = aligned_alloc(4096, 100);

	UC_REQUIRE(copy && zeros && page);
	UC_EXPECT_STR(copy, "a copy");
	UC_EXPECT_EQ((uintptr_t)page % 4096, 0);
	for (int i = 0; i < 100; i++)
		UC_EXPECT_EQ(zeros[i], 0);
	copy = realloc(copy, 10000);
	UC_EXPECT_STR(copy, "a copy");
	free(copy);
	free(zeros);
	free(page);
	free(NULL);
	errno = 0;
	UC_EXPECT(!malloc((size_t)-1) && errno == ENOMEM);
	errno = 0;
	UC_EXPECT(!calloc((size_t)-1, 2) && errno == ENOMEM);
	UC_EXPECT(!aligned_alloc(3, 1) && errno == EINVAL);
	UC_EXPECT_EQ(posix_memalign(&page, sizeof(void *) / 2, 1), EINVAL);
}

UC_TEST(tells_and_spends_time)
{
	struct timespec before, after;

	UC_EXPECT_EQ(clock_gettime(CLOCK_MONOTONIC, &before), 0);
	UC_EXPECT_EQ(nanosleep(&(struct timespec){ 0, 3000000 }, NULL), 0);
	UC_EXPECT_EQ(clock_gettime(CLOCK_MONOTONIC, &after), 0);
	UC_EXPECT((after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec - before.tv_nsec >=
		  3000000);
	UC_EXPECT(clock_gettime(77, &after) == -1 && errno == EINVAL);
	UC_EXPECT(nanosleep(&(struct timespec){ 0, 1000000000 }, NULL) == -1);
}
