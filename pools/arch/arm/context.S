/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Contexts: what the procedure call standard (AAPCS32, 6.1) lets a caller expect to be preserved lies
 * on the stack, and the stack pointer names it. The layout, from the saved stack pointer up:
 *
 *	FPSCR, d8 to d15, r4 to r11 (r11 is the frame pointer), return address
 */
#include <uc/arch/asm.h>

	.syntax unified
	.arm

#define SIZE 104

/* void uc_arch_switch(void **from, void *to) */
FUNCTION uc_arch_switch
	push {r4-r11, lr}
	vpush {d8-d15}
	vmrs r2, fpscr
	push {r2}
	str sp, [r0]
	mov sp, r1
	pop {r2}
	vmsr fpscr, r2
	vpop {d8-d15}
	pop {r4-r11, pc}
END uc_arch_switch

/* void *uc_arch_context_create(void *stack_top, void (*function)(void *), void *argument) */
FUNCTION uc_arch_context_create
	bic r0, r0, #7
	sub r0, r0, #SIZE
	vmrs r3, fpscr
	str r3, [r0]
	str r1, [r0, #68]	/* r4: the function */
	str r2, [r0, #72]	/* r5: its argument */
	mov r3, #0
	str r3, [r0, #96]	/* a frame pointer of zero ends the backtrace */
	ldr r3, =begin
	str r3, [r0, #100]
	bx lr
	.ltorg
END uc_arch_context_create

.section .text.uc_arch_context_create
begin:
	mov r0, r5
	blx r4
	udf #1
