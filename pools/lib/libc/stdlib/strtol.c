/* SPDX-License-Identifier: BSD-3-Clause */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>

/* What stands at the start of a string. */
struct number {
	uintmax_t magnitude;
	bool negative;
	bool overflow; /* the magnitude does not fit uintmax_t */
};

/* The value of a digit in bases up to 36; 36 or more where c is none. */
static unsigned int digit_value(char c)
{
	if (isdigit(c))
		return (unsigned int)(c - '0');
	if (isalpha(c))
		return (unsigned int)((c | 0x20) - 'a') + 10;
	return UINT_MAX;
}

/* Whether s is "0x" with a hexadecimal digit after it: "0x" alone is the number 0, then an x. */
static bool has_hex_prefix(const char *s)
{
	return s[0] == '0' && (s[1] | 0x20) == 'x' && isxdigit((unsigned char)s[2]);
}

/* Reads a number as C11 7.22.1.4 describes it. False, with EINVAL, for a base that there is not. */
static bool parse(const char *s, char **end, int base, struct number *out)
{
	const char *p = s;

	*out = (struct number){ 0 };
	if (base < 0 || base == 1 || base > 36) {
		errno = EINVAL;
		return false;
	}
	while (isspace((unsigned char)*p))
		p++;
	if (*p == '+' || *p == '-')
		out->negative = *p++ == '-';
	if ((base == 0 || base == 16) && has_hex_prefix(p)) {
		p += 2;
		base = 16;
	} else if (base == 0) {
		base = *p == '0' ? 8 : 10;
	}

	const char *digits = p;
	unsigned int digit;

	for (; (digit = digit_value(*p)) < (unsigned int)base; p++) {
		if (__builtin_mul_overflow(out->magnitude, (uintmax_t)base, &out->magnitude) ||
		    __builtin_add_overflow(out->magnitude, (uintmax_t)digit, &out->magnitude))
			out->overflow = true;
	}
	if (end)
		*end = (char *)(p == digits ? s : p);
	return true;
}

/* A signed number from -max - 1 to max. */
static intmax_t parse_signed(const char *s, char **end, int base, uintmax_t max)
{
	struct number n;

	if (!parse(s, end, base, &n))
		return 0;
	if (n.overflow || n.magnitude > max + n.negative) {
		errno = ERANGE;
		n.magnitude = max + n.negative;
	}
	return (intmax_t)(n.negative ? -n.magnitude : n.magnitude);
}

/* An unsigned number up to max; a minus sign negates it modulo max + 1, as C asks. */
static uintmax_t parse_unsigned(const char *s, char **end, int base, uintmax_t max)
{
	struct number n;

	if (!parse(s, end, base, &n))
		return 0;
	if (n.overflow || n.magnitude > max) {
		errno = ERANGE;
		return max;
	}
	return (n.negative ? -n.magnitude : n.magnitude) & max;
}

long strtol(const char *restrict s, char **restrict end, int base)
{
	return (long)parse_signed(s, end, base, LONG_MAX);
}

long long strtoll(const char *restrict s, char **restrict end, int base)
{
	return parse_signed(s, end, base, LLONG_MAX);
}

intmax_t strtoimax(const char *restrict s, char **restrict end, int base)
{
	return parse_signed(s, end, base, INTMAX_MAX);
}

unsigned long strtoul(const char *restrict s, char **restrict end, int base)
{
	return (unsigned long)parse_unsigned(s, end, base, ULONG_MAX);
}

unsigned long long strtoull(const char *restrict s, char **restrict end, int base)
{
	return parse_unsigned(s, end, base, ULLONG_MAX);
}

uintmax_t strtoumax(const char *restrict s, char **restrict end, int base)
{
	return parse_unsigned(s, end, base, UINTMAX_MAX);
}

int atoi(const char *s)
{
	return (int)strtol(s, NULL, 10);
}

long atol(const char *s)
{
	return strtol(s, NULL, 10);
}

long long atoll(const char *s)
{
	return strtoll(s, NULL, 10);
}
