/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The PVH entry: 32-bit protected mode with flat segments, paging off, %ebx the address of hvm_start_info
 * (docs/misc/pvh.pandoc in Xen's source). Goes to 64-bit mode with the first 4 GiB mapped one to one, which is where Xen puts
 * a guest's special pages too.
 */
#include <xen/elfnote.h>

#include "note.h"

XEN_NOTE(XEN_ELFNOTE_GUEST_OS, .asciz "Unicore")
XEN_NOTE(XEN_ELFNOTE_XEN_VERSION, .asciz "xen-3.0")
XEN_NOTE(XEN_ELFNOTE_PHYS32_ENTRY, .long _start)

#define PRESENT_WRITABLE 0x3
#define LARGE_PAGE	 0x80

#define CR0_PE	0x1
#define CR0_MP	0x2
#define CR0_ET	0x10
#define CR0_NE	0x20
#define CR0_WP	0x10000
#define CR0_PG	0x80000000
#define CR4_PAE 0x20
#define CR4_OSFXSR 0x200
#define CR4_OSXMMEXCPT 0x400
#define MSR_EFER 0xc0000080
#define EFER_LME 0x100

	.section .text.start, "ax"
	.code32
	.globl _start
_start:
	cld
	/* 2,048 pages of 2 MiB */
	movl $page_directories, %edi
	movl $(PRESENT_WRITABLE | LARGE_PAGE), %eax
	movl $2048, %ecx
1:	movl %eax, (%edi)
	addl $0x200000, %eax
	addl $8, %edi
	loop 1b
	movl $(page_directories + PRESENT_WRITABLE), %eax
	movl $directory_pointers, %edi
	movl $4, %ecx
2:	movl %eax, (%edi)
	addl $0x1000, %eax
	addl $8, %edi
	loop 2b
	movl $(directory_pointers + PRESENT_WRITABLE), top_table

	movl $(CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT), %eax
	movl %eax, %cr4
	movl $top_table, %eax
	movl %eax, %cr3
	movl $MSR_EFER, %ecx
	rdmsr
	orl $EFER_LME, %eax
	wrmsr
	movl $(CR0_PG | CR0_WP | CR0_NE | CR0_ET | CR0_MP | CR0_PE), %eax
	movl %eax, %cr0
	lgdt descriptor_table_pointer
	ljmp $8, $long_mode

	.code64
long_mode:
	movl $16, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	movl $(xen_stack + CONFIG_STACK_SIZE), %esp
	movl %ebx, %edi
	xorl %ebp, %ebp
	call xen_start_pvh

	.section .rodata.start, "a"
	.balign 8
descriptor_table:
	.quad 0
	.quad 0x00af9b000000ffff /* 64-bit code */
	.quad 0x00cf93000000ffff /* data */
descriptor_table_pointer:
	.word . - descriptor_table - 1
	.long descriptor_table

	.section .bss.start, "aw", @nobits
	.balign 4096
top_table:		.skip 4096
directory_pointers:	.skip 4096
page_directories:	.skip 4 * 4096
	.globl xen_stack
xen_stack:		.skip CONFIG_STACK_SIZE
	.globl xen_hypercall_page
	.balign 4096
xen_hypercall_page:	.skip 4096

	.section .note.GNU-stack, "", @progbits
