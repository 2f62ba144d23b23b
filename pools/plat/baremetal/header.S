/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * By this header a boot loader finds that it can boot the image: Multiboot2 Specification 2.0, 3.1. It
 * loads the image by its ELF header, and enters it as entry.S of the architecture expects.
 */
#define MAGIC	   0xe85250d6
#define I386	   0
#define TAG_END	   0
#define TAG_WANTED 1 /* what it shall tell */
#define OPTIONAL   1

#define COMMAND_LINE 1
#define MEMORY_MAP   6
#define ACPI_1	     14
#define ACPI_2	     15

	.section .header, "a", @progbits
	.balign 8
header:
	.long MAGIC
	.long I386
	.long header_end - header
	.long -(MAGIC + I386 + (header_end - header))

	.balign 8
wanted:
	.short TAG_WANTED, OPTIONAL
	.long wanted_end - wanted
	.long COMMAND_LINE, MEMORY_MAP, ACPI_1, ACPI_2
wanted_end:

	.balign 8
	.short TAG_END, 0
	.long 8
header_end:

	.section .note.GNU-stack, "", @progbits
