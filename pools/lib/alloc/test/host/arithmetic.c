/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>
#include <uc/alloc_buddy.h>
#include <uc/alloc_region.h>

#include "host.h"
#include "model.h"

#define SIZE ((size_t)1 << 20)

static unsigned long refuse_sizes(struct uc_alloc *a)
{
	unsigned long cases = 0;

	for (unsigned int i = 0; i < 64; i++) {
		size_t power = (size_t)1 << i;

		CHECK(i < 20 || !uc_alloc_from(a, power, 0), "2^%u bytes", i);
		CHECK(!uc_alloc_from(a, -power, 0), "-2^%u bytes", i);
		CHECK(!uc_alloc_from(a, -power, 4096), "-2^%u bytes, a page", i);
		CHECK(i < 20 || !uc_alloc_from(a, 1, power) || i == 20, "alignment 2^%u", i);
		CHECK(i < 2 || !uc_alloc_from(a, 1, power + 1), "alignment 2^%u + 1", i);
		CHECK(i < 2 || !uc_alloc_zeroed(a, -power, power), "2^%u * -2^%u", i, i);
		CHECK(i < 9 || !uc_alloc_pages(a, power), "2^%u pages", i);
		CHECK(!uc_alloc_pages(a, -power), "-2^%u pages", i);
		cases += 8;
	}
	return cases;
}

static unsigned long refuse_resizes(struct uc_alloc *a)
{
	unsigned long cases = 0;

	for (size_t size = 1; size < SIZE / 8; size *= 3, cases++) {
		char *ptr = uc_alloc_from(a, size, 0);

		CHECK(ptr, "%zu", size);
		memset(ptr, 0x11, size);
		for (unsigned int i = 0; i < 64; i++)
			CHECK(!uc_alloc_resize(a, ptr, -((size_t)1 << i)), "-2^%u", i);
		CHECK(ptr[0] == 0x11 && ptr[size - 1] == 0x11, "%zu", size);
		uc_alloc_release(a, ptr);
	}
	return cases;
}

static unsigned long refuse_ranges(void)
{
	static struct uc_alloc_buddy buddy;
	static struct uc_alloc_region region;
	static char memory[8192];

	uc_alloc_buddy_init(&buddy, "buddy");
	uc_alloc_region_init(&region, "region");
	CHECK(!uc_alloc_from(&buddy.alloc, 1, 0) && !uc_alloc_from(&region.alloc, 1, 0), "empty");
	CHECK(uc_alloc_buddy_add(&buddy, memory, 4096) == -EINVAL, "one page");
	CHECK(uc_alloc_buddy_add(&buddy, memory, SIZE_MAX) == -EINVAL, "wraps around");
	CHECK(uc_alloc_buddy_add(&buddy, (void *)-4095, 4095) == -EINVAL, "rounds to 0");
	CHECK(uc_alloc_region_add(&region, memory, 16) == -EINVAL, "16 bytes");
	CHECK(uc_alloc_region_add(&region, memory, SIZE_MAX) == -EINVAL, "wraps around");
	CHECK(uc_alloc_region_add(&region, (void *)-15, 15) == -EINVAL, "rounds to 0");
	for (unsigned int i = 0; i < UC_ALLOC_REGION_RANGES; i++)
		CHECK(uc_alloc_region_add(&region, memory + 64 * i, 64) == 0, "%u", i);
	CHECK(uc_alloc_region_add(&region, memory + 4096, 64) == -ENOSPC, "one too many");
	return 8;
}

unsigned long test_arithmetic(const struct subject *subject)
{
	void *memory = aligned_alloc(SIZE, SIZE);
	struct uc_alloc *a = subject->make(&memory, (const size_t[]){ SIZE }, 1);
	unsigned long cases = refuse_resizes(a);

	cases += refuse_sizes(a) + refuse_ranges();
	free(memory);
	return cases;
}
