/* SPDX-License-Identifier: BSD-3-Clause */
/* What the parts of the platform tell each other. */
#ifndef XEN_XEN_PLATFORM_H
#define XEN_XEN_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/xen.h>
#include <xen/event_channel.h>
#include <xen/io/console.h>
#include <xen/io/xs_wire.h>

#define XEN_PAGE_SIZE 4096ul

/* What all kinds of guest have, filled in at the start by the one that we are. */
struct xen_guest {
	volatile shared_info_t *shared;
	volatile struct xencons_interface *console;
	evtchn_port_t console_port;
	volatile struct xenstore_domain_interface *store;
	evtchn_port_t store_port;
	char *command_line;
	/* PV: the machine frame of each page. Others: NULL, frames are what they seem. */
	const uint64_t *frames;
};

extern struct xen_guest xen_guest;

/** Maps the shared page, and finds console and xenstore. Not for PV. */
void xen_hvm_init(void);

/** A page that Xen knows by a number, and that is not among our memory; NULL if it cannot be
 * mapped. */
void *xen_page_of_frame(uint64_t frame);

/** Where Xen's pages of the grant table, as many as are configured, may be mapped; NULL for none.
 */
void *xen_grant_table_place(void);

/** Goes on with what all kinds have in common. */
void xen_start(void) __attribute__((__noreturn__));

/** By which number Xen knows a page of ours. */
static inline uint64_t xen_frame_of(const void *page)
{
	uint64_t number = (uintptr_t)page / XEN_PAGE_SIZE;

	return xen_guest.frames ? xen_guest.frames[number] : number;
}

/** The clock that the wall clock of the shared page counts from, in nanoseconds. */
uint64_t xen_uptime_ns(void);

/**
 * A time of the monotonic clock as Xen counts it: since the host's boot, in nanoseconds. May be too
 * early, and is not once the vCPU has slept.
 */
uint64_t xen_system_time(uint64_t monotonic);

/** Tells the other end of an event channel. */
void xen_notify(evtchn_port_t port);

/** Waits until the port has an event, or the clock reaches the deadline. Takes the event. */
void xen_wait(evtchn_port_t port, uint64_t deadline);

/** Starts to look for requests to stop (xenstore's control/shutdown). */
void xen_control_init(void);

/** Takes a request to stop, if there is one. To be called when the store's event has arrived. */
void xen_control_poll(void);

#endif /* XEN_XEN_PLATFORM_H */
