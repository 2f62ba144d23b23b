/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Event channels without interrupts: upcalls stay masked, and the vCPU sleeps in SCHEDOP_poll,
 * which wakes it for the ports that it names or at a time. So nothing ever interrupts the code that
 * runs, in a PV guest as in a PVH one.
 */
#include <uc/plat.h>

#include <xen/sched.h>

#include "hypercall.h"
#include "xen.h"

#define BITS (8 * sizeof(unsigned long))

void xen_notify(evtchn_port_t port)
{
	struct evtchn_send send = { .port = port };

	xen_hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_send, &send);
}

/* Takes a port's event; whether it had one. */
static bool take(evtchn_port_t port)
{
	volatile unsigned long *word = &xen_guest.shared->evtchn_pending[port / BITS];
	unsigned long bit = 1ul << port % BITS;

	return __atomic_fetch_and(word, ~bit, __ATOMIC_ACQ_REL) & bit;
}

/* Sleeps until one of the ports has an event, or the deadline. A timeout of 0 would mean never. */
static void poll(evtchn_port_t *ports, unsigned int count, uint64_t deadline)
{
	struct sched_poll poll = { .nr_ports = count,
				   .timeout = deadline == UC_PLAT_NEVER ? 0
					      : deadline		? deadline
									: 1 };

	set_xen_guest_handle(poll.ports, ports);
	xen_hypercall2(__HYPERVISOR_sched_op, SCHEDOP_poll, &poll);
}

void xen_wait(evtchn_port_t port, uint64_t deadline)
{
	if (!take(port)) {
		poll(&port, 1, deadline);
		take(port);
	}
}

void uc_plat_idle_until(uint64_t deadline)
{
	evtchn_port_t ports[] = { xen_guest.console_port, xen_guest.store_port };
	/* An event that came before now must be seen now; polling for it returns at once. */
	poll(ports, sizeof(ports) / sizeof(ports[0]), deadline);
	take(xen_guest.console_port);
	if (take(xen_guest.store_port))
		xen_control_poll();
}

/* There are no interrupts. */
unsigned long uc_plat_irq_save(void)
{
	return 0;
}

void uc_plat_irq_restore(unsigned long state)
{
	(void)state;
}
