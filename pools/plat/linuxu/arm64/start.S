/* SPDX-License-Identifier: BSD-3-Clause */
#include <uc/arch/asm.h>

#include "system_calls.h"

/* The kernel leaves argc, argv, NULL, environment, NULL on the stack, which is aligned. */
FUNCTION _start
	mov x29, #0
	mov x30, #0
	mov x0, sp
	bl linuxu_start
	brk #1
END _start

/* Where a signal handler returns to. */
FUNCTION linuxu_sigreturn
	mov x8, #SYS_rt_sigreturn
	svc #0
END linuxu_sigreturn
