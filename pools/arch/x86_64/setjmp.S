/* SPDX-License-Identifier: BSD-3-Clause */
/* jmp_buf: rbx, rbp, r12, r13, r14, r15, rsp, rip; see lib/libc/include/setjmp.h. */
#include <uc/arch/asm.h>

/* int setjmp(jmp_buf environment) */
FUNCTION setjmp
	mov %rbx, (%rdi)
	mov %rbp, 8(%rdi)
	mov %r12, 16(%rdi)
	mov %r13, 24(%rdi)
	mov %r14, 32(%rdi)
	mov %r15, 40(%rdi)
	lea 8(%rsp), %rax	/* the caller's stack pointer, after the return */
	mov %rax, 48(%rdi)
	mov (%rsp), %rax
	mov %rax, 56(%rdi)
	xor %eax, %eax
	ret
END setjmp

/* void longjmp(jmp_buf environment, int value): setjmp returns value, or 1 where that is 0 */
FUNCTION longjmp
	mov %esi, %eax
	cmp $1, %eax
	adc $0, %eax
	mov (%rdi), %rbx
	mov 8(%rdi), %rbp
	mov 16(%rdi), %r12
	mov 24(%rdi), %r13
	mov 32(%rdi), %r14
	mov 40(%rdi), %r15
	mov 48(%rdi), %rsp
	jmp *56(%rdi)
END longjmp
