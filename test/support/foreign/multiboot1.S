/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A guest that is entered by the Multiboot Specification 0.6.96: says so on the serial port, with its command line, and
 * resets the machine.
 */
#define MAGIC 0x1badb002
#define FLAGS 0
#define LOADER_MAGIC 0x2badb002
#define HAS_COMMAND_LINE 4

	.section .text.start, "ax"
	.balign 4
	.long MAGIC, FLAGS, -(MAGIC + FLAGS)

	.globl _start
_start:
	mov $stack_end, %esp
	cmp $LOADER_MAGIC, %eax
	jne reset
	mov $greeting, %esi
	call print
	testl $HAS_COMMAND_LINE, (%ebx)
	jz reset
	mov 16(%ebx), %esi
	call print
	mov $end_of_line, %esi
	call print
reset:
	mov $0xfe, %al
	out %al, $0x64
	hlt
	jmp reset

/* esi: a C string */
print:
	mov $0x3f8, %dx
1:	lodsb
	test %al, %al
	jz 2f
	out %al, %dx
	jmp 1b
2:	ret

	.section .rodata
greeting:
	.asciz "entered by multiboot: "
end_of_line:
	.asciz "\n"

	.bss
	.balign 16
	.skip 4096
stack_end:

	.section .note.GNU-stack, "", @progbits
