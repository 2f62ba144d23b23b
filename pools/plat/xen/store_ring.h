/* SPDX-License-Identifier: BSD-3-Clause */
/* Bytes to and from xenstored, over the page that is shared with it. */
#ifndef XEN_STORE_RING_H
#define XEN_STORE_RING_H

#include <stdbool.h>
#include <stddef.h>

/** Writes n bytes, and waits while the ring is full. */
void store_write(const void *bytes, size_t n);

/** Reads n bytes, and waits until they are there. bytes may be NULL: they are then passed over. */
void store_read(void *bytes, size_t n);

/** Whether there is something to read. */
bool store_has_input(void);

#endif /* XEN_STORE_RING_H */
