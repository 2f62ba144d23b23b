/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Event channels without interrupts: upcalls stay masked, and the vCPU sleeps in SCHEDOP_poll,
 * which wakes it for the ports that it names or at a time. So nothing ever interrupts the code that
 * runs, in a PV guest as in a PVH one.
 */
#include <uc/plat.h>
#include <uc/xen/event.h>

#include <xen/errno.h>
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
	struct sched_poll poll = { .nr_ports = count };

	if (deadline != UC_PLAT_NEVER)
		poll.timeout = deadline ? xen_system_time(deadline) : 1;
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

static struct uc_xen_event *events;
static unsigned int event_count;

static int add(struct uc_xen_event *event, evtchn_port_t port)
{
	event->port = port;
	event->next = events;
	events = event;
	event_count++;
	return 0;
}

int uc_xen_event_allocate(struct uc_xen_event *event, uint16_t domain)
{
	struct evtchn_alloc_unbound allocate = { .dom = DOMID_SELF, .remote_dom = domain };
	long error;

	if (event_count == UC_XEN_EVENTS_MAX)
		return -XEN_ENOSPC;
	error = xen_hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound, &allocate);
	return error ? (int)error : add(event, allocate.port);
}

int uc_xen_event_bind(struct uc_xen_event *event, uint16_t domain, uint32_t port)
{
	struct evtchn_bind_interdomain bind = { .remote_dom = domain, .remote_port = port };
	long error;

	if (event_count == UC_XEN_EVENTS_MAX)
		return -XEN_ENOSPC;
	error = xen_hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_interdomain, &bind);
	return error ? (int)error : add(event, bind.local_port);
}

int uc_xen_event_send(const struct uc_xen_event *event)
{
	struct evtchn_send send = { .port = event->port };

	return (int)xen_hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_send, &send);
}

bool uc_xen_event_take(struct uc_xen_event *event)
{
	return take(event->port);
}

bool uc_xen_event_wait(struct uc_xen_event *event, uint64_t deadline)
{
	evtchn_port_t port = event->port;

	while (!take(port)) {
		if (deadline != UC_PLAT_NEVER && uc_plat_monotonic_ns() >= deadline)
			return false;
		poll(&port, 1, deadline);
	}
	return true;
}

void uc_xen_event_close(struct uc_xen_event *event)
{
	struct evtchn_close close = { .port = event->port };

	for (struct uc_xen_event **link = &events; *link; link = &(*link)->next) {
		if (*link != event)
			continue;
		*link = event->next;
		event_count--;
		xen_hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_close, &close);
		take(event->port);
		event->port = 0;
		return;
	}
}

/* A handler may close its event, or another one: begin again after each. */
static void handle_events(void)
{
	struct uc_xen_event *event = events;

	while (event) {
		if (event->handler && take(event->port)) {
			event->handler(event);
			event = events;
		} else {
			event = event->next;
		}
	}
}

void uc_plat_idle_until(uint64_t deadline)
{
	evtchn_port_t ports[2 + UC_XEN_EVENTS_MAX];
	unsigned int count = 0;

	/* A guest that Xen starts without a dom0 has neither. */
	if (xen_guest.console)
		ports[count++] = xen_guest.console_port;
	if (xen_guest.store)
		ports[count++] = xen_guest.store_port;
	for (const struct uc_xen_event *event = events; event; event = event->next)
		ports[count++] = event->port;
	/* An event that came before now must be seen now; polling for it returns at once. */
	poll(ports, count, deadline);
	if (xen_guest.console)
		take(xen_guest.console_port);
	if (xen_guest.store && take(xen_guest.store_port))
		xen_control_poll();
	handle_events();
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
