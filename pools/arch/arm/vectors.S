/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The table of exception vectors (Arm Architecture Reference Manual for ARMv7-A, B1.8): store all
 * registers, in the order of struct uc_arch_registers. They do not return.
 */
#include <uc/arch/asm.h>

	.syntax unified
	.arm

#define MODE_SUPERVISOR 0x13

/* struct uc_arch_registers */
#define SP   52
#define LR   56
#define PC   60
#define CPSR 64
#define SIZE 72 /* the stack stays aligned */

/* $behind is how far the link register lies behind the place. */
.macro TRAP number, behind
	sub sp, sp, #SIZE
	stm sp, {r0-r12}
	sub lr, lr, #\behind
	mov r0, #\number
	b trap
.endm

	.section .text.uc_arm_vectors, "ax", %progbits
	.balign 32
FUNCTION uc_arm_vectors
	b reset
	b undefined
	b supervisor
	b jump
	b access
	b reset
	b interrupt
	b interrupt
reset:
	TRAP 0, 0
undefined:
	TRAP 1, 4
supervisor:
	TRAP 2, 4
jump:
	TRAP 3, 4
access:
	TRAP 4, 8
interrupt:
	TRAP 6, 4

trap:
	mov r1, sp
	str lr, [r1, #PC]
	mrs r2, spsr
	str r2, [r1, #CPSR]
	mrs r3, cpsr
	cps #MODE_SUPERVISOR
	mov r4, sp
	mov r5, lr
	msr cpsr_c, r3
	str r4, [r1, #SP]
	str r5, [r1, #LR]
	bl uc_arm_trap
	udf #1
END uc_arm_vectors
