/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "host.h"
#include "ours.h"

OURS(snprintf);
OURS(sprintf);

#define CASES 250000

/* One conversion, with what it needs as arguments. */
struct conversion {
	char text[64];
	unsigned int stars;
	int star[2];
	char type; /* the conversion's letter */
	unsigned long long integer;
	const char *string;
};

static const char *random_argument(void)
{
	static const char *const strings[] = { "", "a", "hello", "a longer text of words", NULL };

	return strings[random_below(5)];
}

static char *append_count(struct conversion *c, char *s)
{
	int value = random_below(8) ? (int)random_below(14) : (int)random_below(50);

	if (random_below(4) == 0) {
		c->star[c->stars++] = random_below(4) ? value : -value;
		*s++ = '*';
		return s;
	}
	return s + sprintf(s, "%d", value);
}

static void random_conversion(struct conversion *c)
{
	static const char *const lengths[] = { "", "", "hh", "h", "l", "ll", "j", "z", "t" };
	char *s = c->text;

	c->stars = 0;
	c->type = "diouxXcspdux%"[random_below(13)];
	c->integer = random_bits() >> random_below(64);
	if (random_below(6) == 0)
		c->integer = 0;
	if (random_below(3) == 0)
		c->integer = -c->integer;
	c->string = random_argument();

	/* What C leaves undefined (a zero flag with text) is not generated. */
	bool number = strchr("diouxX", c->type);

	*s++ = '%';
	while (c->type != '%' && random_below(2))
		*s++ = number ? "-+ #0"[random_below(5)] : '-';
	if (c->type != '%' && random_below(2))
		s = append_count(c, s);
	if ((number || c->type == 's') && random_below(2)) {
		*s++ = '.';
		if (random_below(5))
			s = append_count(c, s);
	}
	if (number) {
		unsigned int length = random_below(9);

		s = stpcpy(s, lengths[length]);
	}
	*s++ = c->type;
	*s = '\0';
}

#define CALL(function, dst, size, format, c)                                                   \
	((c)->type == 's'   ? CALL_STARS(function, dst, size, format, c, (c)->string)          \
	 : (c)->type == 'p' ? CALL_STARS(function, dst, size, format, c, (void *)(c)->integer) \
	 : (c)->type == 'c' ? CALL_STARS(function, dst, size, format, c, (int)(c)->integer)    \
			    : CALL_STARS(function, dst, size, format, c, (c)->integer))

#define CALL_STARS(function, dst, size, format, c, value)                     \
	((c)->stars == 0   ? function(dst, size, format, value)               \
	 : (c)->stars == 1 ? function(dst, size, format, (c)->star[0], value) \
			   : function(dst, size, format, (c)->star[0], (c)->star[1], value))

static void compare_random(void)
{
	struct conversion c;
	char format[80], x[160], y[160];
	size_t size = random_below(4) ? sizeof(x) : random_below(20);

	random_conversion(&c);
	snprintf(format, sizeof(format), "%s%s%s", random_below(2) ? "[" : "", c.text,
		 random_below(2) ? "] end" : "");
	memset(x, 0x55, sizeof(x));
	memset(y, 0x55, sizeof(y));
	errno = ours_errno = 0;
	int a = CALL(ours_snprintf, x, size, format, &c);
	int b = CALL(snprintf, y, size, format, &c);

	CHECK(a == b && memcmp(x, y, sizeof(x)) == 0 && errno == ours_errno,
	      "snprintf(%zu, \"%s\", %d, %d, 0x%llx, %s) = %d, %d: \"%.60s\", \"%.60s\"", size,
	      format, c.star[0], c.star[1], c.integer, c.string ? c.string : "NULL", a, b, x, y);
}

/* A format with arguments that the host's C library is known to read in the same way. */
#define SAME(...)                                                                    \
	do {                                                                         \
		errno = ours_errno = 0;                                              \
		int a = ours_snprintf(x, sizeof(x), __VA_ARGS__);                    \
		int b = snprintf(y, sizeof(y), __VA_ARGS__);                         \
		CHECK(a == b && (a < 0 || strcmp(x, y) == 0) && errno == ours_errno, \
		      "%d, %d: \"%s\", \"%s\"", a, b, x, y);                         \
	} while (0)

static void compare_chosen(void)
{
	char x[160], y[160];

	SAME("%d%% of %s, %s", 12, "many", "more");
	SAME("%d %d %d %d %d %d %d %d %s", 1, 2, 3, 4, 5, 6, 7, 8, "nine");
	SAME("%hhd %hd %ld %lld", 300, 70000, LONG_MIN, LLONG_MIN);
	SAME("%d %d %u", INT_MIN, INT_MAX, UINT_MAX);
	SAME("%jx %zu %td", (intmax_t)-1, (size_t)-1, (ptrdiff_t)-1);
	SAME("%p %p %20p %-20p|", (void *)0, (void *)1, (void *)-1, (void *)&random_state);
	SAME("%.0d|%.d|%#.0o|%#o|%#x|%#.0x", 0, 0, 0, 0, 0, 0);
	SAME("%-+5d|%+-5d|% 05d|%+05d|%-05d|", 1, 2, 3, 4, 5);
	SAME("%.3s|%10.3s|%-10.3s|%.*s", "abcdef", "abcdef", "abcdef", -1, "abcdef");
	SAME("%*d", INT_MIN + 1, 1);
	SAME("%2147483648d", 1);
	SAME("%.2147483648d", 1);
}

/* Where this C library refuses and the host's goes on. */
static void expect_refusals(void)
{
	static const char *const formats[] = { "%n", "%hhn", "%y", "%", "%5", "%ls", "%lc", "%L" };
	char x[16];
	int canary = 1234;

	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
		ours_errno = 0;
		CHECK(ours_snprintf(x, sizeof(x), formats[i], &canary) == -1 &&
			      ours_errno == EINVAL && canary == 1234,
		      "\"%s\"", formats[i]);
	}
	CHECK(ours_snprintf(NULL, 0, "%s", "counts") == 6, "NULL");
	CHECK(ours_sprintf(x, "%s-%d", "all", 7) == 5 && strcmp(x, "all-7") == 0, "\"%s\"", x);
}

unsigned long test_formats(void)
{
	for (unsigned int i = 0; i < CASES; i++)
		compare_random();
	compare_chosen();
	expect_refusals();
	return CASES;
}
