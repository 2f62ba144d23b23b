/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Arithmetic for which some CPUs have no instruction, and the compiler calls a function: what it
 * computes itself from constants has to be the same.
 */
#include <stdint.h>
#include <uc/test.h>

/* Pseudo-random numbers (xorshift64, Marsaglia, 2003) of all lengths. */
static uint64_t next(void)
{
	static uint64_t state = 0x9e3779b97f4a7c15;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state >> (state & 63);
}

UC_TEST(divides_numbers_of_all_lengths)
{
	for (unsigned int i = 0; i < 20000; i++) {
		uint64_t n = next();
		uint64_t d = next() | 1;
		int64_t sn = (int64_t)(i & 1 ? n : 0 - n);
		int64_t sd = (int64_t)(i & 2 ? d : 0 - d);

		UC_REQUIRE(n % d < d && n / d * d + n % d == n);
		UC_REQUIRE((uint64_t)(sn / sd) * (uint64_t)sd + (uint64_t)(sn % sd) ==
			   (uint64_t)sn);
		UC_REQUIRE(sn % sd == 0 || (sn % sd < 0) == (sn < 0));

		uint32_t n32 = (uint32_t)n;
		uint32_t d32 = (uint32_t)d | 1;
		int32_t s32 = (int32_t)n32;

		UC_REQUIRE(n32 % d32 < d32 && n32 / d32 * d32 + n32 % d32 == n32);
		UC_REQUIRE(n32 / d32 == (uint64_t)n32 / d32);
		UC_REQUIRE(s32 / 7 == (int64_t)s32 / 7 && s32 % 7 == (int64_t)s32 % 7);
	}
}

#define CHECK_UNSIGNED(value)                                      \
	do {                                                       \
		volatile uint64_t n = (value);                     \
		UC_EXPECT((double)n == (double)(uint64_t)(value)); \
		UC_EXPECT((float)n == (float)(uint64_t)(value));   \
	} while (0)

#define CHECK_SIGNED(value)                                       \
	do {                                                      \
		volatile int64_t n = (value);                     \
		UC_EXPECT((double)n == (double)(int64_t)(value)); \
		UC_EXPECT((float)n == (float)(int64_t)(value));   \
	} while (0)

#define CHECK_BACK(value)                                           \
	do {                                                        \
		volatile double d = (value);                        \
		volatile float f = (float)(value);                  \
		UC_EXPECT_EQ((int64_t)d, (int64_t)(double)(value)); \
		UC_EXPECT_EQ((int64_t)f, (int64_t)(float)(value));  \
	} while (0)

UC_TEST(converts_integers_and_rounds_once)
{
	CHECK_UNSIGNED(0);
	CHECK_UNSIGNED(UINT64_MAX);
	CHECK_UNSIGNED(0x8000000000000400); /* halfway between two doubles: to the even one */
	CHECK_UNSIGNED(0x8000000000000c00);
	CHECK_UNSIGNED(0x8000000000000401);
	CHECK_UNSIGNED(0x8000008000000000); /* halfway between two floats */
	CHECK_UNSIGNED(0x8000008000000001); /* just above: not if rounded to a double before */
	CHECK_UNSIGNED(0x0020000020000001);
	CHECK_SIGNED(INT64_MIN);
	CHECK_SIGNED(INT64_MAX);
	CHECK_SIGNED(-1);
	CHECK_SIGNED(-0x4000004000000001);
	CHECK_BACK(0.0);
	CHECK_BACK(-1.75);
	CHECK_BACK(4294967295.5);
	CHECK_BACK(-4294967296.5);
	CHECK_BACK(9007199254740993.0);
	CHECK_BACK(-9223372036854775808.0);

	volatile double large = 18446744073709549568.0;

	UC_EXPECT_EQ((uint64_t)large, 0xfffffffffffff800);
}

UC_TEST(counts_bits)
{
	for (unsigned int i = 0; i < 64; i++) {
		volatile uint64_t n = UINT64_C(1) << i;

		UC_EXPECT_EQ(__builtin_clzll(n), 63 - i);
		UC_EXPECT_EQ(__builtin_ctzll(n), i);
	}
}
