/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Contexts: what the System V ABI (AMD64, 3.2.1) lets a caller expect to be preserved lies on the
 * stack, and the stack pointer names it. The layout, from the saved stack pointer up:
 *
 *	x87 control word and MXCSR (8 bytes), r15, r14, r13, r12, rbx, rbp, return address
 */
#include <uc/arch/asm.h>

/* void uc_arch_switch(void **from, void *to) */
FUNCTION uc_arch_switch
	push %rbp
	push %rbx
	push %r12
	push %r13
	push %r14
	push %r15
	sub $8, %rsp
	stmxcsr (%rsp)
	fnstcw 4(%rsp)
	mov %rsp, (%rdi)
	mov %rsi, %rsp
	ldmxcsr (%rsp)
	fldcw 4(%rsp)
	add $8, %rsp
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbx
	pop %rbp
	ret
END uc_arch_switch

/* void *uc_arch_context_create(void *stack_top, void (*function)(void *), void *argument) */
FUNCTION uc_arch_context_create
	mov %rdi, %rax
	and $-16, %rax
	/* A frame of zeros ends the backtrace. Room keeps the stack aligned where `begin` starts. */
	movq $0, -8(%rax)
	movq $0, -16(%rax)
	lea begin(%rip), %rcx
	mov %rcx, -24(%rax)
	lea -16(%rax), %rcx
	mov %rcx, -32(%rax)	/* rbp */
	mov %rsi, -40(%rax)	/* rbx: the function */
	mov %rdx, -48(%rax)	/* r12: its argument */
	movq $0, -56(%rax)
	movq $0, -64(%rax)
	movq $0, -72(%rax)
	lea -80(%rax), %rax
	stmxcsr (%rax)
	fnstcw 4(%rax)
	ret
END uc_arch_context_create

.section .text.uc_arch_context_create
begin:
	mov %r12, %rdi
	call *%rbx
	ud2
