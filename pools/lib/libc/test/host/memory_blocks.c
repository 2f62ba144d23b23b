/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "host.h"
#include "ours.h"

OURS(memcpy);
OURS(mempcpy);
OURS(memmove);
OURS(memset);
OURS(memcmp);
OURS(memchr);
OURS(memrchr);

#define CASES 60000
#define SIZE  1200

static void fill(char *x, char *y, unsigned int values)
{
	for (size_t i = 0; i < SIZE; i++)
		x[i] = y[i] = (char)random_below(values);
}

static int sign(int i)
{
	return (i > 0) - (i < 0);
}

/* A length: mostly short, where the special cases are. */
static size_t random_length(void)
{
	return random_below(4) ? random_below(40) : random_below(500);
}

unsigned long test_memory(void)
{
	static char x[SIZE], y[SIZE];

	for (unsigned int i = 0; i < CASES; i++) {
		size_t n = random_length(), to = random_below(100), from = random_below(100);
		char *block = malloc(n + 1), *other = malloc(n + 1);
		int c = (int)random_bits();

		fill(x, y, 256);
		CHECK(ours_memmove(x + to, x + from, n) == x + to, "%zu", n);
		memmove(y + to, y + from, n);
		CHECK(memcmp(x, y, SIZE) == 0, "memmove %zu -> %zu, %zu", from, to, n);
		CHECK(ours_memcpy(x + to, x + 600 + from, n) == x + to, "%zu", n);
		memcpy(y + to, y + 600 + from, n);
		CHECK(memcmp(x, y, SIZE) == 0, "memcpy %zu -> %zu, %zu", from, to, n);
		CHECK(ours_memset(x + to, c, n) == x + to, "%zu", n);
		memset(y + to, c, n);
		CHECK(memcmp(x, y, SIZE) == 0, "memset %zu, %zu", to, n);

		/* Blocks of just their size, with an odd start: nothing beyond them is touched. */
		CHECK(ours_mempcpy(block + 1, x, n) == block + 1 + n, "%zu", n);
		ours_memset(block, 7, n + 1);
		ours_memcpy(other, block, n + 1);
		ours_memmove(block, block + 1, n);
		if (n > 0 && random_below(4))
			other[random_below((unsigned int)n)] ^= (char)random_bits();
		CHECK(sign(ours_memcmp(block + 1, other + 1, n)) ==
			      sign(memcmp(block + 1, other + 1, n)),
		      "%zu", n);
		CHECK(ours_memchr(other, c & 7, n) == memchr(other, c & 7, n), "%zu", n);
		CHECK(ours_memrchr(other, c & 7, n) == memrchr(other, c & 7, n), "%zu", n);
		free(block);
		free(other);
	}
	return CASES * 6UL;
}
