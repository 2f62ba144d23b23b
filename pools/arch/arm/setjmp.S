/* SPDX-License-Identifier: BSD-3-Clause */
/* jmp_buf: r4 to r11, sp, lr, d8 to d15; see lib/libc/include/setjmp.h. */
#include <uc/arch/asm.h>

	.syntax unified
	.arm

/* int setjmp(jmp_buf environment) */
FUNCTION setjmp
	stm r0!, {r4-r11}
	str sp, [r0], #4
	str lr, [r0], #4
	vstm r0, {d8-d15}
	mov r0, #0
	bx lr
END setjmp

/* void longjmp(jmp_buf environment, int value): setjmp returns value, or 1 where that is 0 */
FUNCTION longjmp
	ldm r0!, {r4-r11}
	ldr sp, [r0], #4
	ldr lr, [r0], #4
	vldm r0, {d8-d15}
	movs r0, r1
	moveq r0, #1
	bx lr
END longjmp
