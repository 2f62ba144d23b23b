/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Contexts: what the procedure call standard (AAPCS64, 6.1) lets a caller expect to be preserved lies
 * on the stack, and the stack pointer names it. The layout, from the saved stack pointer up:
 *
 *	x19 to x28, x29 (frame pointer), x30 (return address), d8 to d15, FPCR, 8 bytes unused
 */
#include <uc/arch/asm.h>

#define SIZE 176

/* void uc_arch_switch(void **from, void *to) */
FUNCTION uc_arch_switch
	sub sp, sp, #SIZE
	stp x19, x20, [sp]
	stp x21, x22, [sp, #16]
	stp x23, x24, [sp, #32]
	stp x25, x26, [sp, #48]
	stp x27, x28, [sp, #64]
	stp x29, x30, [sp, #80]
	stp d8, d9, [sp, #96]
	stp d10, d11, [sp, #112]
	stp d12, d13, [sp, #128]
	stp d14, d15, [sp, #144]
	mrs x9, fpcr
	str x9, [sp, #160]
	mov x9, sp
	str x9, [x0]
	mov sp, x1
	ldr x9, [sp, #160]
	msr fpcr, x9
	ldp d14, d15, [sp, #144]
	ldp d12, d13, [sp, #128]
	ldp d10, d11, [sp, #112]
	ldp d8, d9, [sp, #96]
	ldp x29, x30, [sp, #80]
	ldp x27, x28, [sp, #64]
	ldp x25, x26, [sp, #48]
	ldp x23, x24, [sp, #32]
	ldp x21, x22, [sp, #16]
	ldp x19, x20, [sp]
	add sp, sp, #SIZE
	ret
END uc_arch_switch

/* void *uc_arch_context_create(void *stack_top, void (*function)(void *), void *argument) */
FUNCTION uc_arch_context_create
	and x0, x0, #-16
	sub x0, x0, #SIZE
	stp x1, x2, [x0]	/* x19: the function; x20: its argument */
	adr x9, begin
	stp xzr, x9, [x0, #80]	/* a frame pointer of zero ends the backtrace */
	mrs x9, fpcr
	str x9, [x0, #160]
	ret
END uc_arch_context_create

.section .text.uc_arch_context_create
begin:
	mov x0, x20
	blr x19
	brk #1
