/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "host.h"
#include "ours.h"

OURS(snprintf);

#define CASES 100000

/* Any bits; or few decimal digits, whose halves round to even; or near a power of ten. */
static double random_double(void)
{
	uint64_t bits = random_bits();
	double value;

	switch (random_below(5)) {
	case 0:
		return (double)(int64_t)(bits >> random_below(64)) / 1024;
	case 1:
		return (double)random_below(100000) / 100 * (random_below(2) ? 1 : -1);
	case 2:
		return nextafter(pow(10, (int)random_below(40) - 20), random_below(3));
	case 3:
		return (double[]){
			0.0,	  -0.0,	    0.5,       1.5, 2.5,      1e308,
			4.9e-324, INFINITY, -INFINITY, 9.5, 999999.5, 0.0001
		}[random_below(12)];
	default:
		memcpy(&value, &bits, sizeof(value));
		return isnan(value) ? NAN : value;
	}
}

/* A conversion: flags, width and precision (-1 if there is none). */
struct conversion {
	char flags[8];
	unsigned int width;
	int precision;
	char letter;
};

static int host(char *to, size_t size, const struct conversion *c, double value)
{
	char format[32];

	snprintf(format, sizeof(format), c->precision < 0 ? "%%%s*%c" : "%%%s*.*%c", c->flags,
		 c->letter);
	if (c->precision < 0)
		return snprintf(to, size, format, c->width, value);
	return snprintf(to, size, format, c->width, c->precision, value);
}

/*
 * glibc 2.36 loses the digits of %#g where rounding gives the number one more digit (999999.5). So
 * the host is asked for what C11 7.21.6.1 defines it to be: a certain %#f or %#e.
 */
static int host_general(char *to, size_t size, struct conversion c, double value)
{
	int precision = c.precision < 0 ? 6 : c.precision > 0 ? c.precision : 1;
	char scientific[2000];

	snprintf(scientific, sizeof(scientific), "%.*e", precision - 1, value);
	int exponent = atoi(strchr(scientific, 'e') + 1);
	bool fixed = exponent >= -4 && exponent < precision;

	c.precision = fixed ? precision - 1 - exponent : precision - 1;
	c.letter = (char)(fixed ? c.letter - 1 : c.letter - 2);
	return host(to, size, &c, value);
}

static void random_conversion(struct conversion *c)
{
	unsigned int flags = random_below(6);

	for (unsigned int i = 0; i < flags; i++)
		c->flags[i] = "-+ #0"[random_below(5)];
	c->flags[flags] = '\0';
	c->width = random_below(2) ? random_below(40) : 0;
	c->precision = -1;
	if (random_below(3))
		c->precision = (int)(random_below(20) ? random_below(25) : random_below(1500));
	c->letter = "fFeEgG"[random_below(6)];
}

unsigned long test_doubles(void)
{
	static char x[3000], y[3000];

	for (unsigned int i = 0; i < CASES; i++) {
		double value = random_double();
		struct conversion c;
		char format[32];
		int a, b;

		random_conversion(&c);
		snprintf(format, sizeof(format), c.precision < 0 ? "%%%s*%c" : "%%%s*.*%c", c.flags,
			 c.letter);
		a = c.precision < 0
			    ? ours_snprintf(x, sizeof(x), format, c.width, value)
			    : ours_snprintf(x, sizeof(x), format, c.width, c.precision, value);
		if (strchr(c.flags, '#') && (c.letter | 0x20) == 'g' && isfinite(value))
			b = host_general(y, sizeof(y), c, value);
		else
			b = host(y, sizeof(y), &c, value);
		CHECK(a == b && strcmp(x, y) == 0,
		      "%s of %a with %u.%d: %d, %d: \"%.60s\", \"%.60s\"", format, value, c.width,
		      c.precision, a, b, x, y);
	}
	return CASES;
}
