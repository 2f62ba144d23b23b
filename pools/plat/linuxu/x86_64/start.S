/* SPDX-License-Identifier: BSD-3-Clause */
#include <uc/arch/asm.h>

#include "system_calls.h"

/* The kernel leaves argc, argv, NULL, environment, NULL on the stack (System V ABI, 3.4.1). */
FUNCTION _start
	xor %ebp, %ebp
	mov %rsp, %rdi
	and $-16, %rsp
	call linuxu_start
	ud2
END _start

/* Where a signal handler returns to. */
FUNCTION linuxu_sigreturn
	mov $SYS_rt_sigreturn, %eax
	syscall
END linuxu_sigreturn
