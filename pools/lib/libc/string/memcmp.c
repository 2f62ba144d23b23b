/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "word.h"

int memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a;
	const unsigned char *y = b;

	while (n >= WORD && load_word(x) == load_word(y)) {
		x += WORD;
		y += WORD;
		n -= WORD;
	}
	for (; n; n--, x++, y++) {
		if (*x != *y)
			return *x - *y;
	}
	return 0;
}
