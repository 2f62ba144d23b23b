/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The PVH entry (Xen's docs/misc/pvh.pandoc): 32-bit protected mode with flat segments, paging and
 * interrupts off, ebx = the physical address of struct hvm_start_info. From there to long mode.
 */
#include <uc/arch/asm.h>

#define XEN_ELFNOTE_PHYS32_ENTRY 18

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

	.section .note.Xen, "a", @note
	.balign 4
	.long 4, 4, XEN_ELFNOTE_PHYS32_ENTRY
	.asciz "Xen"
	.long kvm_entry

	.code32
FUNCTION kvm_entry
	cld
	rdtsc
	mov %eax, %esi
	mov %edx, %edi
	/* Memory that should be zero need not be: a VMM may load into used memory. */
	mov $kvm_stack_top, %esp
	mov $kvm_entry_cycles, %ebp
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
	 * interprets each instruction, at several microseconds. paging.c maps everything else. The
	 * tables lie in the guard below the stack and in the stack's last page, free at this time.
	 */
	movl $kvm_stack_guard + PRESENT_WRITABLE, kvm_pml4
	movl $kvm_stack_guard + 0x1000 + PRESENT_WRITABLE, kvm_stack_guard
	mov $kvm_stack_guard + 0x1000, %edi
	mov $LARGE_PAGE + PRESENT_WRITABLE, %eax
1:	mov %eax, (%edi)
	add $0x200000, %eax
	add $8, %edi
	cmp $kvm_image_end, %eax
	jb 1b

	mov %cr4, %eax
	or $CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT, %eax
	mov %eax, %cr4
	mov $kvm_pml4, %eax
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
	pop %ebx
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
	mov $kvm_stack_top, %rsp
	mov %ebx, %edi
	xor %ebp, %ebp
	call kvm_start
	ud2
END kvm_entry

	.section .rodata.kvm_gdt, "a", @progbits
gdt_pointer:
	.word kvm_gdt_end - kvm_gdt - 1
	.long kvm_gdt

	/* Null, 64-bit code, data, and the task state, which start.c fills in. */
	.section .data.kvm_gdt, "aw", @progbits
	.globl kvm_gdt
	.balign 8
kvm_gdt:
	.quad 0
	.quad 0x00af9b000000ffff
	.quad 0x00cf93000000ffff
	.quad 0, 0
kvm_gdt_end:

	.section .bss.kvm_tables, "aw", @nobits
	.globl kvm_pml4, kvm_pdpt, kvm_directories, kvm_first_pages
	.balign 4096
kvm_pml4:
	.skip 4096
kvm_pdpt:
	.skip 4096
kvm_directories:
	.skip 4 * 4096
kvm_first_pages:
	.skip 4096

	.section .bss.kvm_stack, "aw", @nobits
	.globl kvm_stack_top
	.balign 4096
	.skip 4096	/* the guard */
	.skip CONFIG_STACK_SIZE
kvm_stack_top:

	/* Where no initialisation comes over it: written before anything else. */
	.section .data.kvm_entry_cycles, "aw", @progbits
	.globl kvm_entry_cycles
	.balign 8
kvm_entry_cycles:
	.quad 0
