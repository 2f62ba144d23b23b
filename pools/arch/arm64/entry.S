/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The entry: exception level 1 or 2, address translation off. x0 may be the address of a device tree,
 * as in Linux's boot protocol (Documentation/arm64/booting.rst). main runs on the stack pointer of
 * level 0, so that exceptions find a stack of their own: that of level 1.
 */
#include <uc/arch/asm.h>

#define TRAP_STACK_SIZE 4096

FUNCTION _start
	msr daifset, #15
	isb
	mrs x19, cntvct_el0
	mov x20, x0
	mrs x1, CurrentEL
	cmp x1, #8
	b.ne level_1

	/* Level 2: level 1 is 64 bits wide, and may use the timers, the GIC and floating point. */
	mov x1, #1 << 31
	msr hcr_el2, x1
	mov x1, #3
	msr cnthctl_el2, x1
	msr cntvoff_el2, xzr
	mov x1, #0x33ff
	msr cptr_el2, x1
	msr hstr_el2, xzr
	mrs x1, midr_el1
	msr vpidr_el2, x1
	mrs x1, mpidr_el1
	msr vmpidr_el2, x1
	mrs x1, id_aa64pfr0_el1
	tst x1, #0xf << 24
	b.eq 1f
	mov x1, #0xf	/* ICC_SRE_EL2: the GIC's registers are registers of the CPU */
	msr s3_4_c12_c9_5, x1
	isb
1:	ldr x1, =0x30d00800
	msr sctlr_el1, x1
	mov x1, #0x3c5	/* level 1, all masked */
	msr spsr_el2, x1
	adr x1, level_1
	msr elr_el2, x1
	eret

level_1:
	mov x1, #3 << 20
	msr cpacr_el1, x1
	ldr x1, =uc_arm64_vectors
	msr vbar_el1, x1
	msr spsel, #1
	ldr x1, =trap_stack_top
	mov sp, x1
	msr spsel, #0
	ldr x1, =uc_arm_stack_top
	mov sp, x1
	isb
	/* What is in the caches was put there by the loader; from here on memory is written without. */
	mrs x3, ctr_el0
	ubfx x3, x3, #16, #4
	mov x4, #4
	lsl x3, x4, x3
	ldr x1, =uc_image_start
	ldr x2, =uc_image_end
1:	dc civac, x1
	add x1, x1, x3
	cmp x1, x2
	b.lo 1b
	dsb sy
	/* Where the loader knows of no memory that is zero, the linker script says where it is. */
	ldr x1, =uc_zero_start
2:	cmp x1, x2
	b.hs 3f
	stp xzr, xzr, [x1], #16
	b 2b
3:	ldr x1, =uc_arm_entry_cycles
	str x19, [x1]
	msr daifclr, #4
	mov x29, #0
	mov x30, #0
	mov x0, x20
	bl uc_arm_start
	brk #1
	.ltorg
END _start

	.section .bss.uc_stack, "aw", %nobits
	.globl uc_arm_stack_top
	.balign 4096
	.skip 4096	/* the guard */
	.skip CONFIG_STACK_SIZE
uc_arm_stack_top:

	.section .bss.trap_stack, "aw", %nobits
	.balign 16
	.skip TRAP_STACK_SIZE
trap_stack_top:

	/* Where no initialisation comes over it: written before anything else. */
	.section .data.uc_arm_entry_cycles, "aw", %progbits
	.globl uc_arm_entry_cycles
	.balign 8
uc_arm_entry_cycles:
	.quad 0
