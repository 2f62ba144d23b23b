/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

/* Where the needle is cut in two, and the period of its right part. */
struct factorization {
	size_t cut;
	size_t period;
};

/* The suffix of the needle that is the greatest by the order `sign` (1: bytes, -1: reversed). */
static struct factorization maximal_suffix(const unsigned char *x, size_t length, int sign)
{
	size_t start = 0;
	size_t candidate = 1;
	size_t k = 0;
	size_t period = 1;

	while (candidate + k < length) {
		int order = sign * (x[candidate + k] - x[start + k]);

		if (order < 0) {
			candidate += k + 1;
			k = 0;
			period = candidate - start;
		} else if (order == 0) {
			if (++k == period) {
				candidate += period;
				k = 0;
			}
		} else {
			start = candidate++;
			k = 0;
			period = 1;
		}
	}
	return (struct factorization){ start, period };
}

/*
 * Two-way string matching (Crochemore and Perrin, Journal of the ACM 38(3), 1991): the needle is
 * cut at a critical position, its right part compared forwards, then its left part. `known` bytes
 * at the needle's start need no comparison again after a shift by the period of a periodic needle.
 */
static char *two_way(const unsigned char *h, const unsigned char *x, size_t length)
{
	struct factorization f = maximal_suffix(x, length, 1);
	struct factorization reversed = maximal_suffix(x, length, -1);

	if (reversed.cut > f.cut)
		f = reversed;

	int periodic = f.cut + f.period <= length && memcmp(x, x + f.period, f.cut) == 0;
	size_t left = f.cut > length - f.cut ? f.cut : length - f.cut;
	size_t shift = periodic ? f.period : left + 1;
	size_t known = 0;
	size_t visible = 0; /* bytes of h known to lie before its end */

	for (;;) {
		if (visible < length) {
			visible += strnlen((const char *)h + visible, length - visible + 256);
			if (visible < length)
				return NULL;
		}
		size_t i = f.cut > known ? f.cut : known;

		while (i < length && x[i] == h[i])
			i++;
		size_t step;

		if (i < length) {
			step = i - f.cut + 1;
			known = 0;
		} else {
			i = f.cut;
			while (i > known && x[i - 1] == h[i - 1])
				i--;
			if (i <= known)
				return (char *)h;
			step = shift;
			known = periodic ? length - f.period : 0;
		}
		h += step;
		visible -= step; /* no step is longer than the needle */
	}
}

char *strstr(const char *haystack, const char *needle)
{
	if (!*needle)
		return (char *)haystack;
	haystack = strchr(haystack, *needle);
	if (!haystack || !needle[1])
		return (char *)haystack;
	return two_way((const unsigned char *)haystack, (const unsigned char *)needle,
		       strlen(needle));
}
