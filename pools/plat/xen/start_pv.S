/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The PV entry: 64-bit, paging on, one to one with what the guest thinks is its physical memory, %rsi the address of start_info
 * (public/xen.h). VIRT_BASE is 0, so that one image serves PVH, where addresses are physical, too.
 */
#include <xen/elfnote.h>

#include "note.h"

XEN_NOTE(XEN_ELFNOTE_LOADER, .asciz "generic")
XEN_NOTE(XEN_ELFNOTE_VIRT_BASE, .quad 0)
XEN_NOTE(XEN_ELFNOTE_PADDR_OFFSET, .quad 0)
XEN_NOTE(XEN_ELFNOTE_ENTRY, .quad xen_pv_entry)
XEN_NOTE(XEN_ELFNOTE_HYPERCALL_PAGE, .quad xen_hypercall_page)
XEN_NOTE(XEN_ELFNOTE_FEATURES, .asciz "!writable_page_tables|pae_pgdir_above_4gb")
XEN_NOTE(XEN_ELFNOTE_PAE_MODE, .asciz "yes")

	.section .text.start, "ax"
	.code64
	.globl xen_pv_entry
xen_pv_entry:
	cld
	movl $(xen_stack + CONFIG_STACK_SIZE), %esp
	movq %rsi, %rdi
	xorl %ebp, %ebp
	call xen_start_pv

	.section .note.GNU-stack, "", @progbits
