/* SPDX-License-Identifier: BSD-3-Clause */
/* For assembly: each function in a section of its own, so that what is not used is not linked. */
#ifndef UC_ARCH_ASM_H
#define UC_ARCH_ASM_H

#ifdef __ASSEMBLER__
/* clang-format off */

/* A stack that asks to be executable is refused by some kernels. For ARM, @ begins a comment. */
.section .note.GNU-stack, "", %progbits

.macro FUNCTION name
	.section .text.\name, "ax", %progbits
	.globl \name
	.type \name, %function
	.balign 16
\name:
.endm

.macro END name
	.size \name, . - \name
.endm

#endif

#endif /* UC_ARCH_ASM_H */
