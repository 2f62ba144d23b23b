/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A guest that is entered by the Linux boot protocol (Linux, Documentation/arch/x86/boot.rst): its setup code, which runs in real
 * mode, says so on the serial port, with the command line, and resets the machine. Offsets are those of the file, which the boot
 * loader has at the segment in ds.
 */
#define SETUP_SECTORS 1
#define KERNEL_BYTES 64

	.code16
	.text
	.globl _start
_start:
	.org 0x1f1
	.byte SETUP_SECTORS
	.word 0
	.long KERNEL_BYTES / 16
	.word 0, 0, 0
	.word 0xaa55
	.byte 0xeb, entry - . - 1	/* a jump, which also tells where the header ends */
	.ascii "HdrS"
	.word 0x020c			/* version */
	.long 0
	.word 0
	.word version - 0x200
	.byte 0, 1			/* loader; loaded high */
	.word 0
	.long 0x100000			/* where the kernel goes */
	.long 0, 0, 0
	.word 0x8000, 0
command_line:
	.long 0
	.long 0x7fffffff		/* highest address of an initial RAM disk */
	.long 0x1000			/* alignment */
	.byte 0, 12
	.word 0				/* no 64-bit entry */
	.long 255			/* longest command line */
	.long 0
	.quad 0
	.long 0, 0			/* payload */
	.quad 0
	.quad 0x100000			/* preferred address */
	.long 0x10000			/* memory from there on */
	.long 0
entry:
	mov $greeting, %si
	call print
	mov command_line, %eax
	mov %eax, %esi
	and $15, %si
	shr $4, %eax
	push %ds
	mov %ax, %ds
	call print
	pop %ds
	mov $end_of_line, %si
	call print
reset:
	mov $0xfe, %al
	out %al, $0x64
	hlt
	jmp reset

/* ds:si: a C string */
print:
	cld
	mov $0x3f8, %dx
1:	lodsb
	test %al, %al
	jz 2f
	out %al, %dx
	jmp 1b
2:	ret

greeting:
	.asciz "entered by the Linux boot protocol: "
end_of_line:
	.asciz "\n"
version:
	.asciz "1.0-fixture"
	.org (SETUP_SECTORS + 1) * 512
	.skip KERNEL_BYTES
