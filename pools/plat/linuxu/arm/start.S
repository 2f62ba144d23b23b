/* SPDX-License-Identifier: BSD-3-Clause */
#include <uc/arch/asm.h>

#include "system_calls.h"

	.syntax unified
	.arm

/* The kernel leaves argc, argv, NULL, environment, NULL on the stack. */
FUNCTION _start
	mov fp, #0
	mov lr, #0
	mov r0, sp
	bic sp, sp, #7
	bl linuxu_start
	udf #1
END _start

/* Where a signal handler returns to. */
FUNCTION linuxu_sigreturn
	mov r7, #SYS_rt_sigreturn
	svc #0
END linuxu_sigreturn
