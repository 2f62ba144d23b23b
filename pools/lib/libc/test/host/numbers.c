/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "host.h"
#include "ours.h"

OURS(strtol);
OURS(strtoll);
OURS(strtoul);
OURS(strtoull);
OURS(strtoimax);
OURS(strtoumax);
OURS(atoi);
OURS(div);
OURS(lldiv);
OURS(llabs);

#define CASES 150000

/* Writes a number in a base. Returns its length. */
static size_t write_number(char *s, uint64_t n, unsigned int base)
{
	char digits[65];
	size_t length = 0;

	do {
		unsigned int d = (unsigned int)(n % base);

		digits[length++] =
			(char)(d < 10 ? '0' + d : (random_below(2) ? 'a' : 'A') + d - 10);
		n /= base;
	} while (n);
	for (size_t i = 0; i < length; i++)
		s[i] = digits[length - 1 - i];
	return length;
}

/* A number near a bound of some type, or anywhere. */
static uint64_t random_number(void)
{
	static const uint64_t bounds[] = { 0,	     INT_MAX,	UINT_MAX,
					   LONG_MAX, ULONG_MAX, (uint64_t)LONG_MIN };

	if (random_below(2))
		return bounds[random_below(6)] + random_below(5) - 2;
	return random_bits() >> random_below(64);
}

/* Space, sign, prefix, digits, more digits (overflow), rest: each may be missing or wrong. */
static void random_text(char *s, int base)
{
	static const char spaces[] = " \t\n\v\f\r";
	static const char junk[] = "xX0-+ .gz_9";
	unsigned int real = base >= 2 && base <= 36 ? (unsigned int)base : 10;

	while (random_below(4) == 0)
		*s++ = spaces[random_below(6)];
	if (random_below(3) == 0)
		*s++ = "+-"[random_below(2)];
	if (random_below(4) == 0) {
		*s++ = '0';
		if (random_below(2)) {
			*s++ = "xX"[random_below(2)];
			if (base == 0)
				real = 16;
		}
	}
	if (random_below(8))
		s += write_number(s, random_number(), real);
	if (random_below(8) == 0)
		s += write_number(s, random_number(), real);
	while (random_below(3) == 0)
		*s++ = junk[random_below(11)];
	*s = '\0';
}

/* Where the base is wrong, the sanitizer's strtol sets the end, and glibc's does not. */
#define COMPARE(function, type)                                                                   \
	do {                                                                                      \
		char *x_end = start, *y_end = start;                                              \
		errno = ours_errno = 0;                                                           \
		type x = ours_##function(s, &x_end, base);                                        \
		type y = function(s, &y_end, base);                                               \
		CHECK(x == y && (x_end == y_end || errno == EINVAL) && ours_errno == errno,       \
		      #function "(\"%s\", %d) = %lld, %lld, errno %d, %d", s, base, (long long)x, \
		      (long long)y, ours_errno, errno);                                           \
	} while (0)

static void compare(const char *s, int base)
{
	char *start = NULL;

	COMPARE(strtol, long);
	COMPARE(strtoll, long long);
	COMPARE(strtoul, unsigned long);
	COMPARE(strtoull, unsigned long long);
	COMPARE(strtoimax, intmax_t);
	COMPARE(strtoumax, uintmax_t);
	CHECK(ours_atoi(s) == atoi(s), "\"%s\"", s);
}

unsigned long test_numbers(void)
{
	for (unsigned int i = 0; i < CASES; i++) {
		static const int bases[] = { 0, 0, 10, 16, 8, 2, 36, -1, 1, 37 };
		int base = random_below(2) ? bases[random_below(10)] : (int)random_below(37);
		char text[256];

		random_text(text, base);
		char *s = strdup(text);

		compare(s, base);
		free(s);
	}
	compare("-9223372036854775808", 10);
	compare("9223372036854775808", 0);
	compare("-18446744073709551615", 10);
	CHECK(ours_div(-7, 2).quot == -3 && ours_div(-7, 2).rem == -1, "div");
	CHECK(ours_lldiv(7, -2).quot == -3 && ours_lldiv(7, -2).rem == 1, "lldiv");
	CHECK(ours_llabs(-LLONG_MAX) == LLONG_MAX, "llabs");
	return 7UL * CASES;
}
