/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Entries of the interrupt descriptor table, 16 bytes each so that C finds them by number. Exceptions
 * store all registers, in the order of struct uc_arch_registers; they do not return. Interrupts are
 * taken only while idle, see lib/x86_pc, and save what a call does not preserve.
 */
#include <uc/arch/asm.h>

/* Vectors for which the CPU pushes an error code (Intel SDM 3A, table 6-1). */
#define HAS_ERROR(n) ((n) == 8 || ((n) >= 10 && (n) <= 14) || (n) == 17 || (n) == 21 || (n) == 29 || (n) == 30)

FUNCTION uc_x86_trap_entries
	.set number, 0
	.rept 32
	.balign 16
	.if !HAS_ERROR(number)
	push $0
	.endif
	push $number
	jmp trap
	.set number, number + 1
	.endr
#ifdef CONFIG_LIBX86_PC
	.rept 32
	.balign 16
	push $number
	jmp interrupt
	.set number, number + 1
	.endr
#endif

trap:
	cld
	push %rax
	push %rbx
	push %rcx
	push %rdx
	push %rsi
	push %rdi
	push %rbp
	push %r8
	push %r9
	push %r10
	push %r11
	push %r12
	push %r13
	push %r14
	push %r15
	mov %rsp, %rdi
	mov %cr2, %rsi
	and $-16, %rsp
	call x86_trap
	ud2

#ifdef CONFIG_LIBX86_PC
interrupt:
	cld
	push %rax
	push %rcx
	push %rdx
	push %rsi
	push %rdi
	push %r8
	push %r9
	push %r10
	push %r11
	push %rbp
	mov %rsp, %rbp
	mov 80(%rsp), %rdi
	and $-16, %rsp
	call x86_interrupt
	mov %rbp, %rsp
	pop %rbp
	pop %r11
	pop %r10
	pop %r9
	pop %r8
	pop %rdi
	pop %rsi
	pop %rdx
	pop %rcx
	pop %rax
	add $8, %rsp
	iretq
#endif
END uc_x86_trap_entries

/* Halts until an interrupt. sti takes effect after the next instruction: none is lost between. */
FUNCTION uc_x86_halt
	sti
	hlt
	cli
	ret
END uc_x86_halt
