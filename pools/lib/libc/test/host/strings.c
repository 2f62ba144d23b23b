/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>
#include <strings.h>

#include "host.h"
#include "ours.h"

OURS(strlen);
OURS(strnlen);
OURS(strcpy);
OURS(stpcpy);
OURS(strncpy);
OURS(strcat);
OURS(strncat);
OURS(strcmp);
OURS(strncmp);
OURS(strcasecmp);
OURS(strncasecmp);
OURS(strchr);
OURS(strchrnul);
OURS(strrchr);
OURS(strstr);
OURS(strspn);
OURS(strcspn);
OURS(strpbrk);
OURS(strtok_r);
OURS(strsep);
size_t ours_strlcpy(char *dst, const char *src, size_t size);
size_t ours_strlcat(char *dst, const char *src, size_t size);

#define CASES 60000

static int sign(int i)
{
	return (i > 0) - (i < 0);
}

/* A string of few letters, in memory of just its size: the sanitizer sees each byte too much. */
static char *random_string(unsigned int length_bound, unsigned int letters)
{
	static const char alphabet[] = "abAB\xe4 ,;\x01z";
	size_t length = random_below(length_bound);
	char *s = malloc(length + 1);

	for (size_t i = 0; i < length; i++)
		s[i] = alphabet[random_below(letters)];
	s[length] = '\0';
	return s;
}

static void compare_searches(const char *a, const char *b, size_t n)
{
	int c = random_below(3) ? a[random_below((unsigned int)strlen(a) + 1)] : 'q';

	CHECK(ours_strlen(a) == strlen(a), "\"%s\"", a);
	CHECK(ours_strnlen(a, n) == strnlen(a, n), "\"%s\"", a);
	CHECK(sign(ours_strcmp(a, b)) == sign(strcmp(a, b)), "\"%s\" \"%s\"", a, b);
	CHECK(sign(ours_strncmp(a, b, n)) == sign(strncmp(a, b, n)), "\"%s\" \"%s\"", a, b);
	CHECK(sign(ours_strcasecmp(a, b)) == sign(strcasecmp(a, b)), "\"%s\" \"%s\"", a, b);
	CHECK(sign(ours_strncasecmp(a, b, n)) == sign(strncasecmp(a, b, n)), "\"%s\"", a);
	CHECK(ours_strchr(a, c) == strchr(a, c), "\"%s\" %d", a, c);
	CHECK(ours_strchrnul(a, c) == strchrnul(a, c), "\"%s\" %d", a, c);
	CHECK(ours_strrchr(a, c) == strrchr(a, c), "\"%s\" %d", a, c);
	CHECK(ours_strstr(a, b) == strstr(a, b), "\"%s\" \"%s\"", a, b);
	CHECK(ours_strspn(a, b) == strspn(a, b), "\"%s\" \"%s\"", a, b);
	CHECK(ours_strcspn(a, b) == strcspn(a, b), "\"%s\" \"%s\"", a, b);
	CHECK(ours_strpbrk(a, b) == strpbrk(a, b), "\"%s\" \"%s\"", a, b);
}

/* Needles that occur, periodic ones above all: where string matching goes wrong. */
static void compare_matching(void)
{
	char *h = random_string(300, 2);
	size_t length = strlen(h);
	size_t from = random_below((unsigned int)length + 1);
	size_t n = random_below((unsigned int)(length - from) + 1);
	char *needle = strndup(h + from, n);

	if (n > 0 && random_below(3) == 0)
		needle[random_below((unsigned int)n)] ^= 3;
	CHECK(ours_strstr(h, needle) == strstr(h, needle), "\"%s\" \"%s\"", h, needle);
	free(needle);
	free(h);
}

static void compare_copies(const char *a, const char *b, size_t n)
{
	char x[256], y[256];

	memset(x, 0x55, sizeof(x));
	memset(y, 0x55, sizeof(y));
	CHECK(ours_strcpy(x, a) == x && ours_stpcpy(x + 100, b) == x + 100 + strlen(b), "\"%s\"",
	      a);
	strcpy(y, a);
	strcpy(y + 100, b);
	CHECK(memcmp(x, y, sizeof(x)) == 0, "strcpy \"%s\" \"%s\"", a, b);
	CHECK(ours_strcat(x, b) == x && ours_strncat(x, a, n) == x, "\"%s\"", a);
	strcat(y, b);
	strncat(y, a, n);
	CHECK(memcmp(x, y, sizeof(x)) == 0, "strcat \"%s\" \"%s\" %zu", a, b, n);
	CHECK(ours_strncpy(x + 128, a, n) == x + 128, "\"%s\"", a);
	strncpy(y + 128, a, n);
	CHECK(memcmp(x, y, sizeof(x)) == 0, "strncpy \"%s\" %zu", a, n);
}

/* The BSDs' functions, against what their manual says: snprintf's behaviour. */
static void compare_bounded(const char *a, const char *b, size_t size)
{
	char x[128], y[128];

	memset(x, 0x55, sizeof(x));
	memset(y, 0x55, sizeof(y));
	CHECK(ours_strlcpy(x, a, size) == strlen(a), "\"%s\" %zu", a, size);
	snprintf(y, size, "%s", a);
	CHECK(memcmp(x, y, sizeof(x)) == 0, "strlcpy \"%s\" %zu", a, size);
	if (size == 0)
		return;
	size_t used = strlen(x);

	CHECK(ours_strlcat(x, b, size) == used + strlen(b), "\"%s\" %zu", b, size);
	snprintf(y + used, size - used, "%s", b);
	CHECK(memcmp(x, y, sizeof(x)) == 0, "strlcat \"%s\" %zu", b, size);
}

static void compare_tokens(const char *a, const char *b)
{
	char *x = strdup(a), *y = strdup(a), *x_state = NULL, *y_state = NULL;
	char *s = x, *t = y;

	for (;;) {
		char *p = ours_strtok_r(s, b, &x_state);
		char *q = strtok_r(t, b, &y_state);

		CHECK(!p == !q && (!p || (p - x == q - y && !strcmp(p, q))), "\"%s\" \"%s\"", a, b);
		if (!p)
			break;
		s = t = NULL;
	}
	CHECK(memcmp(x, y, strlen(a) + 1) == 0, "strtok_r \"%s\" \"%s\"", a, b);
	strcpy(x, a);
	strcpy(y, a);
	for (s = x, t = y; t;) {
		char *p = ours_strsep(&s, b);
		char *q = strsep(&t, b);

		CHECK(p - x == q - y && !s == !t && !strcmp(p, q), "strsep \"%s\" \"%s\"", a, b);
	}
	free(x);
	free(y);
}

unsigned long test_strings(void)
{
	for (unsigned int i = 0; i < CASES; i++) {
		unsigned int letters = 2 + random_below(9);
		char *a = random_string(48, letters);
		char *b = random_string(random_below(2) ? 6 : 48, letters);
		size_t n = random_below(60);

		if (random_below(8) == 0) {
			free(b);
			b = strdup(a);
		}
		compare_searches(a, b, n);
		compare_matching();
		compare_copies(a, b, n);
		compare_bounded(a, b, n);
		compare_tokens(a, b);
		free(a);
		free(b);
	}
	return 5UL * CASES;
}
