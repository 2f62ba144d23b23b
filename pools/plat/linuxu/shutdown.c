/* SPDX-License-Identifier: BSD-3-Clause */
#include <uc/boot.h>
#include <uc/plat.h>

#include "syscall.h"

#define SIGABRT 6

void uc_plat_shutdown(int code)
{
	for (;;)
		syscall1(SYS_exit_group, code & 255);
}

/* Dies of SIGABRT, so that whoever waits sees a crash and not an exit. */
void uc_plat_crash(void)
{
	syscall2(SYS_kill, syscall1(SYS_getpid, 0), SIGABRT);
	/* The first process of a PID namespace does not die of its own signals. */
	uc_plat_shutdown(UC_EXIT_PANIC);
}
