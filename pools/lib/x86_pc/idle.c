/* SPDX-License-Identifier: BSD-3-Clause */
#include <uc/arch.h>
#include <uc/arch/system.h>
#include <uc/boot.h>
#include <uc/plat.h>

#include "x86_pc.h"

/* The longest time to count, such that twice as much fits. Idle then begins again. */
#define LONGEST 2000000000u

/* How often input is looked for where no interrupt tells of it. */
#define POLL_NS UINT64_C(20000000)

/* In the register of flags. */
#define FLAG_INTERRUPTS 0x200

static enum {
	UNKNOWN,
	LAPIC,
	PIT,
	NONE
} timer;

static volatile bool lapic_ended;

static void on_lapic(unsigned int vector)
{
	(void)vector;
	lapic_ended = true;
	lapic_end_of_interrupt();
}

/* That it woke the vCPU is all that it is for. */
static void on_pit(void)
{
}

static void init(void)
{
	pic_init();
	/*
	 * At reset it ticks 18 times a second for ever, masked or not, and each tick wakes whoever
	 * emulates it: 500 idle guests kept two cores busy. Counted down once, it is silent.
	 */
	pit_arm(0);
#ifdef CONFIG_LIBX86_PC_ACPI
	acpi_watch_button();
#endif
	if (lapic_exists()) {
		uc_x86_interrupt_handle(UC_X86_VECTOR_TIMER, on_lapic);
		timer = LAPIC;
	} else {
		timer = pic_enable(0, on_pit) && pit_exists() ? PIT : NONE;
	}
}

/* Sleeps by the local APIC's timer, and compares the clock with it: the longer, the better. */
static void halt_for(uint64_t ns)
{
	uint32_t count = ns > LONGEST ? LONGEST : (uint32_t)ns;
	uint64_t start = uc_arch_cycles();

	lapic_ended = false;
	lapic_arm(count);
	uc_x86_halt();

	uint32_t passed = lapic_stop(count, lapic_ended);

	clock_observe(uc_arch_cycles() - start, passed);
}

/* Takes the interrupts that wait. sti takes effect after the next instruction. */
static void take_interrupts(void)
{
	__asm__ volatile("sti; nop; cli" : : : "memory");
}

static void halt_until_event(uint64_t wait)
{
	if (wait == 0 || serial_has_input()) {
		take_interrupts();
	} else if (wait == UC_PLAT_NEVER) {
		uc_x86_halt();
	} else if (timer == LAPIC) {
		halt_for(wait);
	} else if (timer == PIT) {
		pit_arm(wait);
		uc_x86_halt();
	} else {
		/* Without a timer there is nothing to be woken by. */
		take_interrupts();
		uc_arch_relax();
	}
}

void uc_plat_idle_until(uint64_t deadline)
{
	uint64_t now = deadline == UC_PLAT_NEVER ? 0 : uc_plat_monotonic_ns();
	uint64_t wait = deadline > now ? deadline - now : 0;

	if (timer == UNKNOWN)
		init();
	if (serial_wakes() == SERIAL_POLLED && wait > POLL_NS)
		wait = POLL_NS;
	halt_until_event(wait);
#ifdef CONFIG_LIBX86_PC_ACPI
	if (acpi_button_pressed())
		uc_boot_stop();
#endif
}

unsigned long uc_plat_irq_save(void)
{
	unsigned long flags;

	__asm__ volatile("pushfq; popq %0; cli" : "=r"(flags) : : "memory");
	return flags & FLAG_INTERRUPTS;
}

void uc_plat_irq_restore(unsigned long state)
{
	if (state)
		__asm__ volatile("sti" : : : "memory");
}
