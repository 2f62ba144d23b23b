/* SPDX-License-Identifier: BSD-3-Clause */
/* What GCC calls to count bits of 64-bit numbers, and ones: its internals manual, 4.1.5. */
#include "eabi.h"

int __clzdi2(uint64_t n)
{
	uint32_t high = (uint32_t)(n >> 32);

	return high ? __builtin_clz(high) : 32 + __builtin_clz((uint32_t)n);
}

int __ctzdi2(uint64_t n)
{
	uint32_t low = (uint32_t)n;

	return low ? __builtin_ctz(low) : 32 + __builtin_ctz((uint32_t)(n >> 32));
}

/* Sums of 2, 4, 8 bits side by side; the multiplication adds the four bytes. */
int __popcountsi2(uint32_t n)
{
	n -= n >> 1 & 0x55555555;
	n = (n & 0x33333333) + (n >> 2 & 0x33333333);
	n = (n + (n >> 4)) & 0x0f0f0f0f;
	return (int)(n * 0x01010101 >> 24);
}

int __popcountdi2(uint64_t n)
{
	return __popcountsi2((uint32_t)n) + __popcountsi2((uint32_t)(n >> 32));
}
