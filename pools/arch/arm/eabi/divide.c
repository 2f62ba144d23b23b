/* SPDX-License-Identifier: BSD-3-Clause */
/* Division by shifting and subtracting, from the first bit of the quotient that can be one. */
#include <uc/panic.h>

#include "eabi.h"

static uint32_t divide32(uint32_t n, uint32_t d, uint32_t *rest)
{
	uint32_t quotient = 0;

	if (d == 0)
		uc_panic("division by zero");
	if (n >= d) {
		for (int shift = __builtin_clz(d) - __builtin_clz(n); shift >= 0; shift--) {
			if (n >> shift < d)
				continue;
			n -= d << shift;
			quotient |= 1u << shift;
		}
	}
	*rest = n;
	return quotient;
}

uint64_t eabi_udivide(uint64_t n, uint64_t d, uint64_t *rest)
{
	uint64_t quotient = 0;

	if (n >> 32 == 0 && d >> 32 == 0) {
		uint32_t rest32;

		quotient = divide32((uint32_t)n, (uint32_t)d, &rest32);
		*rest = rest32;
		return quotient;
	}
	if (d == 0)
		uc_panic("division by zero");
	if (n >= d) {
		for (int shift = __clzdi2(d) - __clzdi2(n); shift >= 0; shift--) {
			uint64_t part = d << shift;

			if (n < part)
				continue;
			n -= part;
			quotient |= UINT64_C(1) << shift;
		}
	}
	*rest = n;
	return quotient;
}

static uint64_t magnitude(int64_t n)
{
	return n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
}

/* The quotient goes towards zero, and the rest has the sign of the numerator. */
int64_t eabi_divide(int64_t n, int64_t d, int64_t *rest)
{
	uint64_t left;
	uint64_t quotient = eabi_udivide(magnitude(n), magnitude(d), &left);

	*rest = (int64_t)(n < 0 ? 0 - left : left);
	return (int64_t)((n < 0) != (d < 0) ? 0 - quotient : quotient);
}

uint64_t __aeabi_uidivmod(uint32_t n, uint32_t d)
{
	uint32_t rest;
	uint32_t quotient = divide32(n, d, &rest);

	return (uint64_t)rest << 32 | quotient;
}

uint64_t __aeabi_idivmod(int32_t n, int32_t d)
{
	uint32_t rest;
	uint32_t quotient = divide32((uint32_t)magnitude(n), (uint32_t)magnitude(d), &rest);

	if ((n < 0) != (d < 0))
		quotient = 0 - quotient;
	if (n < 0)
		rest = 0 - rest;
	return (uint64_t)rest << 32 | quotient;
}

uint32_t __aeabi_uidiv(uint32_t n, uint32_t d)
{
	return (uint32_t)__aeabi_uidivmod(n, d);
}

int32_t __aeabi_idiv(int32_t n, int32_t d)
{
	return (int32_t)(uint32_t)__aeabi_idivmod(n, d);
}
