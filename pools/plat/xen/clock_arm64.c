/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The clock is the generic timer's virtual counter, which Xen starts at 0 when it makes the guest.
 * Xen itself counts from the host's boot, and tells a guest of ARM only when its vCPU was last put
 * on a processor (struct vcpu_runstate_info in public/vcpu.h): now is no earlier than that.
 */
#include <uc/arch.h>
#include <uc/arm_generic.h>
#include <uc/plat.h>

#include <xen/vcpu.h>

#include "clock_arm64.h"
#include "hypercall.h"
#include "xen.h"

/* Xen writes it, whenever it puts the vCPU on a processor. */
static volatile struct vcpu_runstate_info state __attribute__((__aligned__(64)));

void xen_clock_init(void)
{
	struct vcpu_register_runstate_memory_area area = { .addr.v = (void *)&state };

	uc_arm_clock_init();
	/* Should Xen refuse, deadlines come too early, and idle takes processor time. */
	xen_hypercall3(__HYPERVISOR_vcpu_op, VCPUOP_register_runstate_memory_area, 0, (long)&area);
	(void)xen_system_time(0);
}

uint64_t xen_uptime_ns(void)
{
	return uc_arm_cycles_to_ns(uc_arch_cycles());
}

/*
 * How far Xen's time is ahead: at least by what each look shows. The look that follows a sleep
 * shows all of it, but for the time that it took to come here.
 */
uint64_t xen_system_time(uint64_t monotonic)
{
	static uint64_t ahead;
	uint64_t put_at = state.state_entry_time;
	uint64_t now = uc_plat_monotonic_ns();

	if (put_at > now && put_at - now > ahead)
		ahead = put_at - now;
	return monotonic < UC_PLAT_NEVER - ahead ? monotonic + ahead : UC_PLAT_NEVER;
}
