/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Event channels: a bit that one domain sets and another waits for (Xen's public/event_channel.h).
 * Nothing interrupts the guest: an event is seen when somebody asks or waits for it, or when the
 * guest idles. Errors are negative errnos, as Xen gives them.
 */
#ifndef UC_XEN_EVENT_H
#define UC_XEN_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One end of a channel. The owner keeps the memory until uc_xen_event_close. */
struct uc_xen_event {
	uint32_t port;
	/*
	 * Called from uc_plat_idle_until when an event has come, which it takes. May be NULL: an
	 * event then ends the idle, and the owner takes it.
	 */
	void (*handler)(struct uc_xen_event *event);
	/* For the platform alone. */
	struct uc_xen_event *next;
};

/**
 * Makes a channel whose other end another domain may bind; event->handler is filled in before. 0,
 * and the port in event->port, which the other domain has to be told; or an error. -ENOSPC if there
 * are UC_XEN_EVENTS_MAX already.
 */
int uc_xen_event_allocate(struct uc_xen_event *event, uint16_t domain);

/**
 * Binds the other end of a channel that a domain has made for us. As uc_xen_event_allocate. Xen
 * raises an event here at once, because one may have been sent before.
 */
int uc_xen_event_bind(struct uc_xen_event *event, uint16_t domain, uint32_t port);

/** How many channels there can be at a time. */
#define UC_XEN_EVENTS_MAX 64

/** Tells the other end. 0 or an error. */
int uc_xen_event_send(const struct uc_xen_event *event);

/** Whether an event has come since this was last asked. */
bool uc_xen_event_take(struct uc_xen_event *event);

/**
 * Waits until an event has come, or the monotonic clock has reached the deadline (UC_PLAT_NEVER for
 * none), and takes it. Whether it came. Other events stay for uc_plat_idle_until.
 */
bool uc_xen_event_wait(struct uc_xen_event *event, uint64_t deadline);

/** Closes this end. The port is 0 then. */
void uc_xen_event_close(struct uc_xen_event *event);

#ifdef __cplusplus
}
#endif

#endif /* UC_XEN_EVENT_H */
