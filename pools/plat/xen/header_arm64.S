/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The header of Linux's images for arm64 (Documentation/arch/arm64/booting.rst), the only format that
 * Xen takes for guests of this architecture. Unicore's notes follow it, at byte 64. Xen enters the
 * first instruction, with translation off and the device tree's address in x0.
 */
#include <uc/arch/asm.h>

#define PAGES_OF_4_KIB (1 << 1)

/* Xen's headers are for C: of xen.h, sched.h and arch-arm.h. */
#define XEN_HYPERCALL_TAG	0xea1
#define __HYPERVISOR_console_io 18
#define CONSOLEIO_write		0
#define __HYPERVISOR_sched_op	29
#define SCHEDOP_shutdown	2
#define SHUTDOWN_crash		3

	.section .header, "ax", %progbits
	.globl xen_image_header
xen_image_header:
	b enter
	.long 0
	.quad 0			/* to be put so far behind the start of memory */
	.quad uc_image_size	/* with what is zero */
	.quad PAGES_OF_4_KIB	/* little endian, and as near to that start as can be */
	.quad 0, 0, 0
	.ascii "ARMd"
	.long 0
END xen_image_header

/* Addresses are those of the link. Elsewhere nothing would work: say so, as long as that is possible. */
	.section .text.enter, "ax", %progbits
enter:
	adr x1, xen_image_header
	ldr x2, =xen_image_header
	cmp x1, x2
	b.eq _start
	mov x0, #CONSOLEIO_write
	mov x1, #complaint_end - complaint
	adr x2, complaint
	mov x16, #__HYPERVISOR_console_io
	hvc #XEN_HYPERCALL_TAG
	mov x0, #SCHEDOP_shutdown
	adr x1, crash
	mov x16, #__HYPERVISOR_sched_op
	hvc #XEN_HYPERCALL_TAG
	b .
	.balign 4
crash:
	.long SHUTDOWN_crash
complaint:
	.ascii "uc: panic: memory does not begin at 0x40000000\n"
complaint_end:
	.balign 4
	.ltorg
