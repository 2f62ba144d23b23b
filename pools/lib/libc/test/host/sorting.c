/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "host.h"
#include "ours.h"

OURS(qsort);
OURS(bsearch);

#define CASES	    20000
#define COUNT_MAX   300
#define ELEMENT_MAX 24

static size_t element_size;
static unsigned long comparisons;

static int compare_all(const void *a, const void *b)
{
	comparisons++;
	return memcmp(a, b, element_size);
}

/* Many elements are equal by their first byte alone. */
static int compare_first(const void *a, const void *b)
{
	return *(const unsigned char *)a - *(const unsigned char *)b;
}

static void compare_arrays(size_t count)
{
	size_t bytes = count * element_size;
	unsigned char *x = malloc(bytes + 1), *y = malloc(bytes + 1);
	unsigned int values = random_below(2) ? 4 : 256;

	for (size_t i = 0; i < bytes; i++)
		x[i] = y[i] = (unsigned char)random_below(values);
	if (random_below(4) == 0)
		qsort(x, count, element_size, compare_all);
	memcpy(y, x, bytes);

	/* Equal elements may come in any order, but none may be lost. */
	ours_qsort(x, count, element_size, compare_first);
	for (size_t i = 1; i < count; i++)
		CHECK(x[(i - 1) * element_size] <= x[i * element_size], "%zu", i);

	comparisons = 0;
	ours_qsort(x, count, element_size, compare_all);
	/* 2n log2(n) + 2n bounds heapsort. */
	CHECK(comparisons <= 2 * count * (10 + 1), "%lu for %zu", comparisons, count);
	qsort(y, count, element_size, compare_all);
	CHECK(memcmp(x, y, bytes) == 0, "%zu elements of %zu bytes", count, element_size);

	for (size_t i = 0; i < count; i++) {
		const unsigned char *found =
			ours_bsearch(y + i * element_size, x, count, element_size, compare_all);

		CHECK(found && memcmp(found, y + i * element_size, element_size) == 0, "%zu", i);
	}
	unsigned char key[ELEMENT_MAX];

	for (size_t i = 0; i < element_size; i++)
		key[i] = (unsigned char)random_below(values);
	CHECK(!ours_bsearch(key, x, count, element_size, compare_all) ==
		      !bsearch(key, y, count, element_size, compare_all),
	      "%zu", count);
	free(x);
	free(y);
}

unsigned long test_sorting(void)
{
	for (unsigned int i = 0; i < CASES; i++) {
		element_size = 1 + random_below(ELEMENT_MAX);
		compare_arrays(random_below(4) ? random_below(20) : random_below(COUNT_MAX));
	}
	return CASES;
}
