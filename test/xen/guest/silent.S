/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A PVH guest that is none of ours: it sleeps, and says nothing to anybody. The note is XEN_ELFNOTE_PHYS32_ENTRY of Xen's
 * public/elfnote.h. With interrupts off, Xen would take the halted vCPU for a shutdown.
 */
	.code32
	.section .note.Xen, "a", @note
	.long 4, 4, 18
	.asciz "Xen"
	.long start
	.text
	.globl start
start:
	sti
halt:
	hlt
	jmp halt
	.section .note.GNU-stack, "", @progbits
