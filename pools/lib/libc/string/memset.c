/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "word.h"

/* From here on the start-up cost of `rep stosb` is worth paying. */
#define REP_THRESHOLD 256

void *memset(void *dst, int c, size_t n)
{
	char *d = dst;

	if (n < WORD) {
		while (n--)
			*d++ = (char)c;
		return dst;
	}
#ifdef __x86_64__
	if (n >= REP_THRESHOLD) {
		__asm__ volatile("rep stosb" : "+D"(d), "+c"(n) : "a"(c) : "memory");
		return dst;
	}
#endif
	uintptr_t pattern = (uintptr_t)-1 / 255 * (unsigned char)c;
	char *end = d + n - WORD;

	for (; d < end; d += WORD)
		store_word(d, pattern);
	store_word(end, pattern);
	return dst;
}

void explicit_bzero(void *dst, size_t n)
{
	memset(dst, 0, n);
	/* The bytes may be looked at here, as far as the compiler can tell. */
	__asm__ volatile("" : : "r"(dst) : "memory");
}
