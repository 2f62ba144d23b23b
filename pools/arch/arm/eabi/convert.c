/* SPDX-License-Identifier: BSD-3-Clause */
/* Between 64-bit integers and floating point: the CPU converts 32 bits, exactly to a double. */
#include "eabi.h"

#define TWO_32 4294967296.0

/* Both halves are exact, so the sum is rounded once. */
double __aeabi_ul2d(uint64_t n)
{
	return (double)(uint32_t)(n >> 32) * TWO_32 + (double)(uint32_t)n;
}

double __aeabi_l2d(int64_t n)
{
	return (double)(int32_t)(n >> 32) * TWO_32 + (double)(uint32_t)n;
}

/*
 * Through a double, which must be exact: rounding twice could be wrong. Of numbers that have too
 * many bits, those far below the last that counts are joined into one.
 */
float __aeabi_ul2f(uint64_t n)
{
	if (n >> 53 == 0)
		return (float)__aeabi_ul2d(n);
	n = n >> 11 | ((n & 2047) != 0);
	return (float)__aeabi_ul2d(n) * 2048.0f;
}

float __aeabi_l2f(int64_t n)
{
	return n < 0 ? -__aeabi_ul2f(0 - (uint64_t)n) : __aeabi_ul2f((uint64_t)n);
}

/* Towards zero. What does not fit gives the nearest number that does; not-a-number gives 0. */
uint64_t __aeabi_d2ulz(double d)
{
	uint32_t high;

	if (d >= TWO_32 * TWO_32)
		return UINT64_MAX;
	high = (uint32_t)(d / TWO_32);
	return (uint64_t)high << 32 | (uint32_t)(d - (double)high * TWO_32);
}

int64_t __aeabi_d2lz(double d)
{
	if (d >= TWO_32 * TWO_32 / 2)
		return INT64_MAX;
	if (d < -TWO_32 * TWO_32 / 2)
		return INT64_MIN;
	return d < 0 ? (int64_t)(0 - __aeabi_d2ulz(-d)) : (int64_t)__aeabi_d2ulz(d);
}

uint64_t __aeabi_f2ulz(float f)
{
	return __aeabi_d2ulz(f);
}

int64_t __aeabi_f2lz(float f)
{
	return __aeabi_d2lz(f);
}
