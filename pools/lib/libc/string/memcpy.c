/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "word.h"

/* From here on the start-up cost of `rep movsb` (tens of cycles) is worth paying. */
#define REP_THRESHOLD 256

/*
 * Up to two words: two loads that may overlap. Then a word loop whose last word overlaps. Long
 * blocks go to the processor's own copy, which moves whole cache lines (ERMSB, Intel's optimisation
 * manual 3.7.6). The Makefile keeps GCC from turning the loop into a call of memcpy.
 */
void *memcpy(void *restrict dst, const void *restrict src, size_t n)
{
	char *d = dst;
	const char *s = src;

	if (n < WORD) {
		if (n >= 4) {
			uint32_t first, last;

			__builtin_memcpy(&first, s, 4);
			__builtin_memcpy(&last, s + n - 4, 4);
			__builtin_memcpy(d, &first, 4);
			__builtin_memcpy(d + n - 4, &last, 4);
			return dst;
		}
		while (n--)
			*d++ = *s++;
		return dst;
	}
#ifdef __x86_64__
	if (n >= REP_THRESHOLD) {
		__asm__ volatile("rep movsb" : "+D"(d), "+S"(s), "+c"(n) : : "memory");
		return dst;
	}
#endif
	uintptr_t last = load_word(s + n - WORD);
	char *end = d + n - WORD;

	for (; d < end; d += WORD, s += WORD)
		store_word(d, load_word(s));
	store_word(end, last);
	return dst;
}

void *mempcpy(void *restrict dst, const void *restrict src, size_t n)
{
	return (char *)memcpy(dst, src, n) + n;
}
