/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdint.h>
#include <string.h>

#include "word.h"

/* Downwards copy for a destination that starts inside the source: highest bytes first. */
static void copy_backwards(char *d, const char *s, size_t n)
{
	while (n >= WORD) {
		n -= WORD;
		store_word(d + n, load_word(s + n));
	}
	while (n--)
		d[n] = s[n];
}

/* Upwards copy, correct for a destination below the source: each word is read before it is hit. */
static void copy_forwards(char *d, const char *s, size_t n)
{
	for (; n >= WORD; n -= WORD, d += WORD, s += WORD)
		store_word(d, load_word(s));
	while (n--)
		*d++ = *s++;
}

void *memmove(void *dst, const void *src, size_t n)
{
	/* Modulo 2^64 this is one comparison for "dst below src or at least n beyond it". */
	uintptr_t distance = (uintptr_t)dst - (uintptr_t)src;

	if (distance >= n && -distance >= n)
		return memcpy(dst, src, n);
	if (distance >= n)
		copy_forwards(dst, src, n);
	else if (distance != 0)
		copy_backwards(dst, src, n);
	return dst;
}
