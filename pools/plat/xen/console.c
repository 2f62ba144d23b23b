/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The console: a page shared with xenconsoled that holds two rings (public/io/console.h). Indices
 * run freely and wrap; what the other end writes is not believed further than that.
 */
#include <uc/plat.h>

#include "hypercall.h"
#include "xen.h"

/* How long a full ring is waited for before what does not fit is dropped: the backend may be gone.
 */
#define FULL_RING_NS 1000000000ull

/* Also to Xen's own log, where a debug build of Xen, or guest_loglvl, shows it. For when there is
 * no ring. */
static void write_emergency(const char *s, size_t n)
{
	xen_hypercall3(__HYPERVISOR_console_io, CONSOLEIO_write, (long)n, (long)s);
}

static uint32_t room(volatile struct xencons_interface *ring)
{
	uint32_t used = ring->out_prod - __atomic_load_n(&ring->out_cons, __ATOMIC_ACQUIRE);

	return used > sizeof(ring->out) ? 0 : (uint32_t)sizeof(ring->out) - used;
}

void uc_plat_console_write(const char *s, size_t n)
{
	volatile struct xencons_interface *ring = xen_guest.console;
	uint64_t give_up = 0;

	if (!ring) {
		write_emergency(s, n);
		return;
	}
	while (n > 0) {
		uint32_t free = room(ring);
		uint32_t produced = ring->out_prod;

		if (free == 0) {
			if (!give_up)
				give_up = uc_plat_monotonic_ns() + FULL_RING_NS;
			else if (uc_plat_monotonic_ns() > give_up)
				return;
			xen_notify(xen_guest.console_port);
			xen_wait(xen_guest.console_port, give_up);
			continue;
		}
		give_up = 0;
		for (; free > 0 && n > 0; free--, n--)
			ring->out[MASK_XENCONS_IDX(produced++, ring->out)] = *s++;
		__atomic_store_n(&ring->out_prod, produced, __ATOMIC_RELEASE);
		xen_notify(xen_guest.console_port);
	}
}

int uc_plat_console_read(char *s, size_t n)
{
	volatile struct xencons_interface *ring = xen_guest.console;
	int count = 0;

	if (!ring)
		return -19; /* -ENODEV */

	uint32_t produced = __atomic_load_n(&ring->in_prod, __ATOMIC_ACQUIRE);
	uint32_t consumed = ring->in_cons;

	if (produced - consumed > sizeof(ring->in))
		produced = consumed; /* nonsense from the other end */
	while (consumed != produced && (size_t)count < n)
		s[count++] = ring->in[MASK_XENCONS_IDX(consumed++, ring->in)];
	if (count > 0) {
		__atomic_store_n(&ring->in_cons, consumed, __ATOMIC_RELEASE);
		xen_notify(xen_guest.console_port);
	}
	return count;
}
