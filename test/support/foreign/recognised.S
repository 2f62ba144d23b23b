/* SPDX-License-Identifier: BSD-3-Clause */
/* Files that are recognised by their headers and notes: MULTIBOOT2, SOLO5 or XEN_GUEST is defined. None of them does anything. */
	.section .text.start, "ax"
#ifdef MULTIBOOT2
	.balign 8
header:
	.long 0xe85250d6, 0, header_end - header, -(0xe85250d6 + 0 + (header_end - header))
	.word 0, 0
	.long 8
header_end:
#endif
	.globl _start
_start:
	hlt
	jmp _start

#ifdef SOLO5
	.section .note.solo5.abi, "a", @note
	.balign 4
	.long 6, 16, 0x31494241
	.asciz "Solo5"
	.balign 4
	.long 1, 2, 0, 0		/* hvt, version 2 */

	.section .note.solo5.manifest, "a", @note
	.balign 4
	.long 6, 2f - 1f, 0x3154464d
	.asciz "Solo5"
	.balign 4
1:	.long 0				/* padding */
	.long 1, 2			/* version, entries */
	.skip 68			/* the reserved first one */
	.long 1 << 30
	.skip 32
4:	.asciz "service0"
	.skip 68 - (. - 4b)
	.long 2				/* network */
	.skip 32
2:
#endif

#ifdef XEN_GUEST
	.section __xen_guest, "a", @progbits
	.asciz "GUEST_OS=fixture,XEN_VER=xen-3.0,VIRT_BASE=0x0,LOADER=generic"
#endif

	.section .note.GNU-stack, "", @progbits
