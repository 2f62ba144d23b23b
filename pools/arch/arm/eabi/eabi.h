/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Functions that a compiler for ARMv7-A calls where the CPU has no instruction: "Run-time ABI for
 * the Arm Architecture", 5.1.2 and 4.3.1. They are ours and not libgcc's, so that an image holds
 * nothing but the pools, and another compiler's image is the same in this.
 */
#ifndef ARM_EABI_H
#define ARM_EABI_H

#include <stdint.h>

/* These functions pass floating-point numbers in core registers, whatever the others do. */
#define RTABI __attribute__((__pcs__("aapcs")))

uint32_t __aeabi_uidiv(uint32_t n, uint32_t d);
int32_t __aeabi_idiv(int32_t n, int32_t d);

/* The quotient in r0, the rest in r1. */
uint64_t __aeabi_uidivmod(uint32_t n, uint32_t d);
uint64_t __aeabi_idivmod(int32_t n, int32_t d);

/* For divide_entry.S, which puts quotient and rest where the ABI wants them. */
uint64_t eabi_udivide(uint64_t n, uint64_t d, uint64_t *rest);
int64_t eabi_divide(int64_t n, int64_t d, int64_t *rest);

RTABI double __aeabi_ul2d(uint64_t n);
RTABI double __aeabi_l2d(int64_t n);
RTABI float __aeabi_ul2f(uint64_t n);
RTABI float __aeabi_l2f(int64_t n);
RTABI uint64_t __aeabi_d2ulz(double d);
RTABI int64_t __aeabi_d2lz(double d);
RTABI uint64_t __aeabi_f2ulz(float f);
RTABI int64_t __aeabi_f2lz(float f);

int __clzdi2(uint64_t n);
int __ctzdi2(uint64_t n);
int __popcountsi2(uint32_t n);
int __popcountdi2(uint64_t n);

#endif /* ARM_EABI_H */
