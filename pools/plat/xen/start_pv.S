/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The PV entry: 64-bit, paging on, one to one with what the guest thinks is its physical memory, %rsi the address of start_info
 * (public/xen.h). VIRT_BASE is 0, so that one image serves PVH, where addresses are physical, too.
 */
#include <uc/arch/asm.h>
#include <xen/elfnote.h>

#include "note.h"

XEN_NOTE(XEN_ELFNOTE_LOADER, .asciz "generic")
XEN_NOTE(XEN_ELFNOTE_VIRT_BASE, .quad 0)
XEN_NOTE(XEN_ELFNOTE_PADDR_OFFSET, .quad 0)
XEN_NOTE(XEN_ELFNOTE_ENTRY, .quad xen_pv_entry)
XEN_NOTE(XEN_ELFNOTE_HYPERCALL_PAGE, .quad xen_hypercall_page)
XEN_NOTE(XEN_ELFNOTE_FEATURES, .asciz "!writable_page_tables|pae_pgdir_above_4gb")
XEN_NOTE(XEN_ELFNOTE_PAE_MODE, .asciz "yes")

FUNCTION xen_pv_entry
	cld
	mov $uc_x86_stack_top, %esp
	mov %rsi, %rdi
	xor %ebp, %ebp
	call xen_start_pv
	ud2
END xen_pv_entry

/*
 * Entries of exceptions, 8 bytes each. Xen leaves rcx and r11 above what a CPU leaves on the stack
 * (its create_bounce_frame): off with them, and on as on a CPU.
 */
FUNCTION xen_pv_trap_entries
	.set number, 0
	.rept 32
	.balign 8
	pop %rcx
	pop %r11
	jmp uc_x86_trap_entries + 16 * number
	.set number, number + 1
	.endr
END xen_pv_trap_entries
