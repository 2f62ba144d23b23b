/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The table of exception vectors (Arm Architecture Reference Manual, D1.3.1): store all registers, in
 * the order of struct uc_arch_registers. They do not return.
 */
#include <uc/arch/asm.h>

#define REGISTERS 272

	.section .text.uc_arm64_vectors, "ax", %progbits
	.balign 2048
FUNCTION uc_arm64_vectors
	.set number, 0
	.rept 16
	.balign 128
	sub sp, sp, #REGISTERS
	stp x0, x1, [sp]
	mov x0, #number
	b trap
	.set number, number + 1
	.endr

trap:
	stp x2, x3, [sp, #16]
	stp x4, x5, [sp, #32]
	stp x6, x7, [sp, #48]
	stp x8, x9, [sp, #64]
	stp x10, x11, [sp, #80]
	stp x12, x13, [sp, #96]
	stp x14, x15, [sp, #112]
	stp x16, x17, [sp, #128]
	stp x18, x19, [sp, #144]
	stp x20, x21, [sp, #160]
	stp x22, x23, [sp, #176]
	stp x24, x25, [sp, #192]
	stp x26, x27, [sp, #208]
	stp x28, x29, [sp, #224]
	mrs x2, sp_el0
	stp x30, x2, [sp, #240]
	mrs x2, elr_el1
	mrs x3, spsr_el1
	stp x2, x3, [sp, #256]
	mov x1, sp
	mrs x2, esr_el1
	mrs x3, far_el1
	bl uc_arm64_trap
	brk #1
END uc_arm64_vectors
