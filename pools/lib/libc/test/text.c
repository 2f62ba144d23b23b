/* SPDX-License-Identifier: BSD-3-Clause */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uc/test.h>

UC_TEST(copies_and_compares_blocks_of_all_lengths)
{
	static unsigned char from[600], to[600];

	for (size_t n = 0; n < 500; n++) {
		for (size_t i = 0; i < sizeof(from); i++)
			from[i] = (unsigned char)(i * 7 + n);
		memset(to, 0, sizeof(to));
		memcpy(to + n % 9, from + n % 7, n);
		UC_REQUIRE(memcmp(to + n % 9, from + n % 7, n) == 0);
		UC_REQUIRE(to[n % 9 + n] == 0 && (n % 9 == 0 || to[n % 9 - 1] == 0));
		memmove(from + 5, from + 2, n);
		UC_REQUIRE(n == 0 || from[5] == (unsigned char)(2 * 7 + n));
	}
}

UC_TEST(formats_what_printf_promises)
{
	char s[80];

	UC_EXPECT_EQ(
		snprintf(s, sizeof(s), "%d|%5u|%-5x|%#o|%c|%s|%%", -1, 42U, 255U, 8U, 'c', "text"),
		27);
	UC_EXPECT_STR(s, "-1|   42|ff   |010|c|text|%");
	snprintf(s, sizeof(s), "%" PRId64 " %zu %jx", INT64_MIN, (size_t)-1, UINTMAX_MAX);
#if SIZE_MAX == UINT32_MAX
	UC_EXPECT_STR(s, "-9223372036854775808 4294967295 ffffffffffffffff");
#else
	UC_EXPECT_STR(s, "-9223372036854775808 18446744073709551615 ffffffffffffffff");
#endif
	UC_EXPECT_EQ(snprintf(s, 4, "abcdef"), 6);
	UC_EXPECT_STR(s, "abc");
}

UC_TEST(formats_doubles)
{
	char s[80];

	snprintf(s, sizeof(s), "%f %.0f %.3e %g %g", 3.14159265, 2.5, 123456.0, 0.0001, 1e300);
	UC_EXPECT_STR(s, "3.141593 2 1.235e+05 0.0001 1e+300");
}

UC_TEST(reads_numbers)
{
	char *end;

	errno = 0;
	UC_EXPECT_EQ(strtol(" -0x7fz", &end, 0), -127);
	UC_EXPECT_STR(end, "z");
	UC_EXPECT_EQ(errno, 0);
	UC_EXPECT_EQ(strtoull("18446744073709551616", &end, 10), ULLONG_MAX);
	UC_EXPECT_EQ(errno, ERANGE);
	UC_EXPECT_EQ(toupper('q') == 'Q' && isspace('\f') && !isalpha('['), 1);
}

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

UC_TEST(sorts_and_finds)
{
	int numbers[100];

	for (int i = 0; i < 100; i++)
		numbers[i] = i * 37 % 100;
	qsort(numbers, 100, sizeof(int), compare);
	for (int i = 0; i < 100; i++)
		UC_EXPECT_EQ(numbers[i], i);
	UC_EXPECT(bsearch(&(int){ 61 }, numbers, 100, sizeof(int), compare) == numbers + 61);
}
