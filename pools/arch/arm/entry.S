/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The entry: supervisor mode, address translation off. r2 may be the address of a device tree, as in
 * Linux's boot protocol (Documentation/arm/booting.rst).
 */
#include <uc/arch/asm.h>

	.syntax unified
	.arm
	.arch_extension virt

#define TRAP_STACK_SIZE 4096

#define MODE_SUPERVISOR 0x13
#define MODE_ABORT	0x17
#define MODE_HYPERVISOR 0x1a
#define MODE_UNDEFINED	0x1b
#define ALL_MASKED	0x1c0

FUNCTION _start
	mrs r0, cpsr
	and r1, r0, #0x1f
	cmp r1, #MODE_HYPERVISOR
	bne 1f
	/* Hypervisor mode: supervisor mode may use the timers. */
	mov r1, #3
	mcr p15, 4, r1, c14, c1, 0	/* CNTHCTL */
	mov r1, #0
	mov r3, #0
	mcrr p15, 4, r1, r3, c14	/* CNTVOFF */
	mcr p15, 4, r1, c1, c1, 0	/* HCR */
	mcr p15, 4, r1, c1, c1, 3	/* HSTR */
	ldr r1, =0x33ff
	mcr p15, 4, r1, c1, c1, 2	/* HCPTR: floating point is not trapped */
	mov r1, #ALL_MASKED | MODE_SUPERVISOR
	msr spsr_cxsf, r1
	adr r1, 1f
	msr elr_hyp, r1
	eret
1:	cpsid aif, #MODE_SUPERVISOR
	isb
	mrrc p15, 1, r4, r5, c14
	mov r6, r2
	ldr r0, =trap_stack_top
	cps #MODE_ABORT
	mov sp, r0
	cps #MODE_UNDEFINED
	mov sp, r0
	cps #MODE_SUPERVISOR
	ldr sp, =uc_arm_stack_top
	ldr r0, =uc_arm_vectors
	mcr p15, 0, r0, c12, c0, 0
	/* Exceptions in ARM state, at these vectors. */
	mrc p15, 0, r0, c1, c0, 0
	bic r0, r0, #1 << 30
	bic r0, r0, #1 << 13
	mcr p15, 0, r0, c1, c0, 0
	/* Floating point. */
	mrc p15, 0, r0, c1, c0, 2
	orr r0, r0, #0xf << 20
	mcr p15, 0, r0, c1, c0, 2
	isb
	mov r0, #1 << 30
	vmsr fpexc, r0
	/* What is in the caches was put there by the loader; from here on memory is written without. */
	mrc p15, 0, r3, c0, c0, 1
	ubfx r3, r3, #16, #4
	mov r0, #4
	lsl r3, r0, r3
	ldr r0, =uc_image_start
	ldr r1, =uc_image_end
2:	mcr p15, 0, r0, c7, c14, 1
	add r0, r0, r3
	cmp r0, r1
	blo 2b
	dsb
	ldr r0, =uc_arm_entry_cycles
	strd r4, r5, [r0]
	cpsie a
	mov fp, #0
	mov lr, #0
	mov r0, r6
	bl uc_arm_start
	udf #1
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
