/* SPDX-License-Identifier: BSD-3-Clause */
#include <uc/arch.h>
#include <uc/arch/system.h>
#include <uc/boot.h>
#include <uc/plat.h>

#include "arm_virt.h"

/* The longest time to count. Idle then begins again. */
#define LONGEST_NS UINT64_C(2000000000)

static enum {
	UNKNOWN,
	HALTS,
	POLLS
} idle;

static void init(void)
{
	idle = gic_init() && machine.timer_interrupt ? HALTS : POLLS;
	if (idle == POLLS)
		return;
	gic_enable(machine.timer_interrupt);
	gic_enable(machine.serial_interrupt);
	gic_enable(machine.gpio_interrupt);
	button_init();
}

static void halt_for(uint64_t wait)
{
	/* What becomes pending from here on ends the halt, or keeps it from beginning. */
	serial_wake(true);
	if (wait != UC_PLAT_NEVER)
		uc_arm_timer_start(uc_arm_cycles_after(wait < LONGEST_NS ? wait : LONGEST_NS));
	uc_arm_wait_for_interrupt();
	uc_arm_timer_stop();
	serial_wake(false);
}

void uc_plat_idle_until(uint64_t deadline)
{
	uint64_t now = deadline == UC_PLAT_NEVER ? 0 : uc_plat_monotonic_ns();

	if (idle == UNKNOWN)
		init();
	if (idle == POLLS)
		uc_arch_relax();
	else if (deadline > now && !serial_has_input())
		halt_for(deadline == UC_PLAT_NEVER ? deadline : deadline - now);
	if (button_pressed())
		uc_boot_stop();
}

/* No interrupt is ever taken: see gic.c. */
unsigned long uc_plat_irq_save(void)
{
	return 0;
}

void uc_plat_irq_restore(unsigned long state)
{
	(void)state;
}
