/* SPDX-License-Identifier: BSD-3-Clause */
/* What the tests on the host share: reproducible random numbers, and the report of a difference. */
#ifndef TEST_HOST_H
#define TEST_HOST_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/** Pseudo-random numbers (xorshift64*, Vigna, 2016). The same seed gives the same numbers. */
static uint64_t random_state = 0x9e3779b97f4a7c15;

static inline uint64_t random_bits(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return random_state * 0x2545f4914f6cdd1d;
}

/** A number from 0 to bound - 1. */
static inline unsigned int random_below(unsigned int bound)
{
	return (unsigned int)((random_bits() >> 32) * bound >> 32);
}

/** Ends the program with code 1 and the place, unless the condition holds. */
#define CHECK(condition, ...)                                                            \
	do {                                                                             \
		if (!(condition)) {                                                      \
			fprintf(stderr, "%s:%d: %s does not hold: ", __FILE__, __LINE__, \
				#condition);                                             \
			fprintf(stderr, __VA_ARGS__);                                    \
			fputc('\n', stderr);                                             \
			exit(1);                                                         \
		}                                                                        \
	} while (0)

#endif /* TEST_HOST_H */
