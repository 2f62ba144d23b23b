/* SPDX-License-Identifier: BSD-3-Clause */
/* Idle, and what may wake it: the deadline, input on the console, a request to stop. */
#include <uc/boot.h>
#include <uc/plat.h>

#include "linuxu.h"
#include "syscall.h"

void uc_plat_idle_until(uint64_t deadline)
{
	struct linux_pollfd poll = { .fd = 0, .events = LINUX_POLLIN };
	struct linux_timespec timeout;
	uint64_t now = deadline == UC_PLAT_NEVER ? 0 : uc_plat_monotonic_ns();
	uint64_t wait = deadline > now ? deadline - now : 0;

	timeout.seconds = (int64_t)(wait / 1000000000);
	timeout.nanoseconds = (int64_t)(wait % 1000000000);
	/* SIGTERM is blocked but for here: it cannot arrive between a look at it and the wait. */
	syscall5(SYS_ppoll, (long)&poll, console_is_read(),
		 deadline == UC_PLAT_NEVER ? 0 : (long)&timeout, (long)&signals_idle_mask,
		 sizeof(signals_idle_mask));
	if (signals_take_stop())
		uc_boot_stop();
}

/* Signals are taken in uc_plat_idle_until only: there is nothing to mask. */
unsigned long uc_plat_irq_save(void)
{
	return 0;
}

void uc_plat_irq_restore(unsigned long state)
{
	(void)state;
}
