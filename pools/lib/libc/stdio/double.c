/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Floating-point numbers as text. A double is m * 2^e: its decimal expansion is finite, at most 309
 * digits before the point and 1,074 after it. All of them are computed, in base 10^9, then rounded
 * once, half to even: exact for every precision.
 */
#include <string.h>
#include <stdint.h>

#include "format.h"

#define BASE	    1000000000U
#define BASE_DIGITS 9
/* Powers of two by which a step multiplies or divides; 10^9 is a multiple of 2^9. */
#define SHIFT_UP      29
#define SHIFT_DOWN    9
#define INTEGER_LIMBS 36
#define LIMBS	      (INTEGER_LIMBS + 120)
#define POINT	      (INTEGER_LIMBS * BASE_DIGITS)
#define DIGITS	      (LIMBS * BASE_DIGITS)

/* The digits before the point end at POINT; there are always zeros in front. */
struct expansion {
	char digit[DIGITS];
};

static void multiply(uint32_t *limbs, unsigned int shift)
{
	uint64_t carry = 0;

	for (unsigned int i = INTEGER_LIMBS; i-- > 0;) {
		carry += (uint64_t)limbs[i] << shift;
		limbs[i] = (uint32_t)(carry % BASE);
		carry /= BASE;
	}
}

static void divide(uint32_t *limbs, unsigned int shift)
{
	uint64_t remainder = 0;

	for (unsigned int i = 0; i < LIMBS; i++) {
		uint64_t value = remainder * BASE + limbs[i];

		limbs[i] = (uint32_t)(value >> shift);
		remainder = value & ((1U << shift) - 1);
	}
}

/* All digits of mantissa * 2^exponent. */
static void expand(struct expansion *out, uint64_t mantissa, int exponent)
{
	uint32_t limbs[LIMBS];

	memset(limbs, 0, sizeof(limbs));
	limbs[INTEGER_LIMBS - 1] = (uint32_t)(mantissa % BASE);
	limbs[INTEGER_LIMBS - 2] = (uint32_t)(mantissa / BASE);
	while (exponent > 0) {
		unsigned int shift = exponent < SHIFT_UP ? (unsigned int)exponent : SHIFT_UP;

		multiply(limbs, shift);
		exponent -= (int)shift;
	}
	while (exponent < 0) {
		unsigned int shift = -exponent < SHIFT_DOWN ? (unsigned int)-exponent : SHIFT_DOWN;

		divide(limbs, shift);
		exponent += (int)shift;
	}
	for (unsigned int i = 0; i < LIMBS; i++) {
		for (unsigned int k = BASE_DIGITS; k-- > 0; limbs[i] /= 10)
			out->digit[i * BASE_DIGITS + k] = (char)('0' + limbs[i] % 10);
	}
}

/* Rounds so that the digits from `end` on are zero. */
static void round_at(struct expansion *x, size_t end)
{
	if (end >= DIGITS)
		return;

	char *p = x->digit + end;
	bool odd = (p[-1] - '0') % 2;
	bool beyond_half = false;

	for (size_t i = 1; i < DIGITS - end; i++)
		beyond_half |= p[i] != '0';

	bool up = *p > '5' || (*p == '5' && (beyond_half || odd));

	memset(p, '0', DIGITS - end);
	if (!up)
		return;
	while (*--p == '9')
		*p = '0';
	++*p;
}

/* Where the first digit that is not 0 stands; for zero, the one before the point. */
static size_t first_digit(const struct expansion *x)
{
	size_t i = 0;

	while (i < DIGITS && x->digit[i] == '0')
		i++;
	return i < DIGITS ? i : POINT - 1;
}

/* Sets body and zeros_after to digits from `first`, with the point behind `point` and fraction. */
static void set_body(struct expansion *x, struct format_field *field, size_t first, size_t point,
		     size_t fraction, bool always_point)
{
	size_t there = fraction < DIGITS - point ? fraction : DIGITS - point;

	field->body = x->digit + first;
	field->body_length = point - first;
	field->zeros_after = fraction - there;
	if (fraction == 0 && !always_point)
		return;
	/* The integer part moves up to make room for the point: a zero is in front of it. */
	memmove(x->digit + first - 1, x->digit + first, point - first);
	x->digit[point - 1] = '.';
	field->body--;
	field->body_length += 1 + there;
}

/* The number of digits from `from`, at most n, without the zeros at their end. */
static size_t without_zeros(const struct expansion *x, size_t from, size_t n)
{
	if (n > DIGITS - from)
		n = DIGITS - from;
	while (n > 0 && x->digit[from + n - 1] == '0')
		n--;
	return n;
}

static size_t write_exponent(char *to, int exponent, char letter)
{
	char *p = to;
	unsigned int magnitude = (unsigned int)(exponent < 0 ? -exponent : exponent);

	*p++ = letter;
	*p++ = exponent < 0 ? '-' : '+';
	if (magnitude >= 100)
		*p++ = (char)('0' + magnitude / 100);
	*p++ = (char)('0' + magnitude / 10 % 10);
	*p++ = (char)('0' + magnitude % 10);
	return (size_t)(p - to);
}

static void format_fixed(struct expansion *x, const struct format_spec *spec,
			 struct format_field *field, size_t fraction)
{
	round_at(x, POINT + fraction);

	size_t first = first_digit(x);

	set_body(x, field, first < POINT ? first : POINT - 1, POINT, fraction, spec->alternative);
}

static void format_scientific(struct expansion *x, const struct format_spec *spec,
			      struct format_field *field, size_t fraction, char *suffix,
			      char letter)
{
	round_at(x, first_digit(x) + 1 + fraction);

	size_t first = first_digit(x);

	field->suffix = suffix;
	field->suffix_length = write_exponent(suffix, (int)POINT - 1 - (int)first, letter);
	set_body(x, field, first, first + 1, fraction, spec->alternative);
}

/* Fixed or scientific, whichever fits the exponent; with `precision` digits in all (C11 7.21.6.1).
 */
static void format_general(struct expansion *x, const struct format_spec *spec,
			   struct format_field *field, size_t precision, char *suffix)
{
	if (precision == 0)
		precision = 1;
	round_at(x, first_digit(x) + precision);

	size_t first = first_digit(x);
	long exponent = (long)POINT - 1 - (long)first;
	bool fixed = exponent >= -4 && exponent < (long)precision;
	size_t fraction = fixed ? (size_t)((long)precision - 1 - exponent) : precision - 1;

	if (!spec->alternative)
		fraction = without_zeros(x, fixed ? POINT : first + 1, fraction);
	if (fixed)
		format_fixed(x, spec, field, fraction);
	else
		format_scientific(x, spec, field, fraction, suffix, (char)(spec->conversion - 2));
}

void format_double(struct format_sink *sink, const struct format_spec *spec, double value)
{
	struct format_spec own = *spec;
	struct format_field field = { 0 };
	struct expansion x;
	char suffix[8];
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));

	bool upper = (spec->conversion & 0x20) == 0;
	uint64_t mantissa = bits & ((UINT64_C(1) << 52) - 1);
	int exponent = (int)(bits >> 52 & 0x7ff);
	size_t precision = spec->precision < 0 ? 6 : (size_t)spec->precision;

	field.prefix = format_sign(spec, bits >> 63);
	field.prefix_length = strlen(field.prefix);
	if (exponent == 0x7ff) {
		field.body = mantissa ? (upper ? "NAN" : "nan") : (upper ? "INF" : "inf");
		field.body_length = 3;
		own.zero = false;
		format_field(sink, &own, &field);
		return;
	}
	if (exponent > 0)
		mantissa |= UINT64_C(1) << 52;
	else
		exponent = 1;
	expand(&x, mantissa, exponent - 1075);
	switch (spec->conversion | 0x20) {
	case 'f':
		format_fixed(&x, spec, &field, precision);
		break;
	case 'e':
		format_scientific(&x, spec, &field, precision, suffix, spec->conversion);
		break;
	default:
		format_general(&x, spec, &field, precision, suffix);
		break;
	}
	format_field(sink, spec, &field);
}
