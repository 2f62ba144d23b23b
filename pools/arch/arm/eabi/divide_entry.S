/* SPDX-License-Identifier: BSD-3-Clause */
/* 64-bit division: numerator in r0 and r1, divisor in r2 and r3; quotient in r0 and r1, rest in r2 and r3. */
#include <uc/arch/asm.h>

	.syntax unified
	.arm

.macro DIVISION name, function
FUNCTION \name
	push {ip, lr}
	sub sp, sp, #16
	add ip, sp, #8
	str ip, [sp]
	bl \function
	ldrd r2, r3, [sp, #8]
	add sp, sp, #16
	pop {ip, pc}
END \name
.endm

DIVISION __aeabi_uldivmod, eabi_udivide
DIVISION __aeabi_ldivmod, eabi_divide
