/* SPDX-License-Identifier: BSD-3-Clause */
/* By this note QEMU finds the PVH entry: Xen's public/elfnote.h. */
#define XEN_ELFNOTE_PHYS32_ENTRY 18

	.section .note.Xen, "a", @note
	.balign 4
	.long 4, 4, XEN_ELFNOTE_PHYS32_ENTRY
	.asciz "Xen"
	.long _start

	.section .note.GNU-stack, "", @progbits
