/* SPDX-License-Identifier: BSD-3-Clause */
#include <uc/panic.h>
#include <uc/plat.h>

#include "store_ring.h"
#include "xen.h"

/* The number of bytes between two indices that run freely. xenstored is trusted by all of Xen; a
 * wrong index is a bug. */
static uint32_t used(uint32_t producer, uint32_t consumer)
{
	uint32_t n = producer - consumer;

	if (n > XENSTORE_RING_SIZE)
		uc_panic("the ring of xenstore is damaged");
	return n;
}

void store_write(const void *bytes, size_t n)
{
	volatile struct xenstore_domain_interface *ring = xen_guest.store;
	const char *next = bytes;

	while (n > 0) {
		uint32_t consumer = __atomic_load_n(&ring->req_cons, __ATOMIC_ACQUIRE);
		uint32_t producer = ring->req_prod;
		uint32_t free = XENSTORE_RING_SIZE - used(producer, consumer);

		if (free == 0) {
			xen_wait(xen_guest.store_port, UC_PLAT_NEVER);
			continue;
		}
		for (; free > 0 && n > 0; free--, n--)
			ring->req[MASK_XENSTORE_IDX(producer++)] = *next++;
		__atomic_store_n(&ring->req_prod, producer, __ATOMIC_RELEASE);
		xen_notify(xen_guest.store_port);
	}
}

bool store_has_input(void)
{
	volatile struct xenstore_domain_interface *ring = xen_guest.store;

	return __atomic_load_n(&ring->rsp_prod, __ATOMIC_ACQUIRE) != ring->rsp_cons;
}

void store_read(void *bytes, size_t n)
{
	volatile struct xenstore_domain_interface *ring = xen_guest.store;
	char *next = bytes;

	while (n > 0) {
		uint32_t producer = __atomic_load_n(&ring->rsp_prod, __ATOMIC_ACQUIRE);
		uint32_t consumer = ring->rsp_cons;
		uint32_t there = used(producer, consumer);

		if (there == 0) {
			xen_wait(xen_guest.store_port, UC_PLAT_NEVER);
			continue;
		}
		for (; there > 0 && n > 0; there--, n--) {
			char byte = ring->rsp[MASK_XENSTORE_IDX(consumer++)];

			if (next)
				*next++ = byte;
		}
		__atomic_store_n(&ring->rsp_cons, consumer, __ATOMIC_RELEASE);
		xen_notify(xen_guest.store_port);
	}
}
