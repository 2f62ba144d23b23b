/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The entry of PVH (Xen's docs/misc/pvh.pandoc) and of boot loaders (Multiboot2 Specification, 3.3):
 * 32-bit protected mode with flat segments, paging and interrupts off; eax and ebx tell what was
 * done. From there to long mode.
 */
#include <uc/arch/asm.h>

#define PRESENT_WRITABLE 0x03
#define LARGE_PAGE	 0x80

#define CR0_PROTECTED	0x00000001
#define CR0_MONITOR_FPU	0x00000002
#define CR0_EMULATE_FPU	0x00000004
#define CR0_WRITE_PROTECT 0x00010000
#define CR0_PAGING	0x80000000
#define CR4_PAE		0x00000020
#define CR4_OSFXSR	0x00000200
#define CR4_OSXMMEXCPT	0x00000400
#define MSR_EFER	0xc0000080
#define EFER_LONG_MODE	0x00000100
#define EFER_NO_EXECUTE	0x00000800

	.code32
FUNCTION _start
	cld
	mov %eax, %ecx
	rdtsc
	mov %eax, %esi
	mov %edx, %edi
	/* Memory that should be zero need not be: a VMM may load into used memory. */
	mov $uc_x86_stack_top, %esp
	push %ecx
	mov $uc_x86_entry_cycles, %ebp
	mov %esi, (%ebp)
	mov %edi, 4(%ebp)

	/* Without long mode there is nothing to be done, and no console yet: halt. */
	push %ebx
	mov $0x80000000, %eax
	cpuid
	cmp $0x80000001, %eax
	jb no_long_mode
	mov $0x80000001, %eax
	cpuid
	bt $29, %edx
	jnc no_long_mode
	mov %edx, %ebp

	/*
	 * Map no more than the image, by 2 MiB: where a CPU cannot run this mode in a guest, KVM
	 * interprets each instruction, at several microseconds. page_tables.c maps everything else. The
	 * tables lie in the guard below the stack and in the stack's last page, free at this time.
	 */
	movl $uc_stack_guard + PRESENT_WRITABLE, uc_x86_pml4
	movl $uc_stack_guard + 0x1000 + PRESENT_WRITABLE, uc_stack_guard
	mov $uc_stack_guard + 0x1000, %edi
	mov $LARGE_PAGE + PRESENT_WRITABLE, %eax
1:	mov %eax, (%edi)
	add $0x200000, %eax
	add $8, %edi
	cmp $uc_image_end, %eax
	jb 1b

	mov %cr4, %eax
	or $CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT, %eax
	mov %eax, %cr4
	mov $uc_x86_pml4, %eax
	mov %eax, %cr3
	mov $MSR_EFER, %ecx
	rdmsr
	or $EFER_LONG_MODE, %eax
	bt $20, %ebp
	jnc 4f
	or $EFER_NO_EXECUTE, %eax
4:	wrmsr
	mov %cr0, %eax
	and $~CR0_EMULATE_FPU, %eax
	or $CR0_PAGING | CR0_WRITE_PROTECT | CR0_MONITOR_FPU | CR0_PROTECTED, %eax
	mov %eax, %cr0
	pop %esi
	pop %edi
	lgdt gdt_pointer
	ljmp $8, $long_mode

no_long_mode:
	cli
	hlt
	jmp no_long_mode

	.code64
long_mode:
	mov $16, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	xor %eax, %eax
	mov %eax, %fs
	mov %eax, %gs
	fninit
	mov $uc_x86_stack_top, %rsp
	xor %ebp, %ebp
	call uc_x86_start
	ud2
END _start

	.section .rodata.uc_x86_gdt, "a", @progbits
gdt_pointer:
	.word uc_x86_gdt_end - uc_x86_gdt - 1
	.long uc_x86_gdt

	/* Null, 64-bit code, data, and the task state, which exceptions.c fills in. */
	.section .data.uc_x86_gdt, "aw", @progbits
	.globl uc_x86_gdt
	.balign 8
uc_x86_gdt:
	.quad 0
	.quad 0x00af9b000000ffff
	.quad 0x00cf93000000ffff
	.quad 0, 0
uc_x86_gdt_end:

	.section .bss.uc_page_tables, "aw", @nobits
	.globl uc_x86_pml4, uc_x86_pdpt, uc_x86_directories, uc_x86_first_pages
	.balign 4096
uc_x86_pml4:
	.skip 4096
uc_x86_pdpt:
	.skip 4096
uc_x86_directories:
	.skip 4 * 4096
uc_x86_first_pages:
	.skip 4096

	.section .bss.uc_stack, "aw", @nobits
	.globl uc_x86_stack_top
	.balign 4096
	.skip 4096	/* the guard */
	.skip CONFIG_STACK_SIZE
uc_x86_stack_top:

	/* Where no initialisation comes over it: written before anything else. */
	.section .data.uc_x86_entry_cycles, "aw", @progbits
	.globl uc_x86_entry_cycles
	.balign 8
uc_x86_entry_cycles:
	.quad 0
