/* SPDX-License-Identifier: BSD-3-Clause */
/* Page tables of a PV guest: Xen checks each change, and a page that is a table must not be mapped
 * writable anywhere. */
#ifndef XEN_PV_MEMORY_H
#define XEN_PV_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include <xen/xen.h>

/** Maps a machine address at a page that is mapped already. 0, or Xen's negative error. */
int pv_map(void *page, uint64_t machine_address, bool writable);

/**
 * Maps all of the guest's memory. *free is where free memory begins; what the tables need is taken
 * from there. Returns where it ends, which is less than all if Xen refuses.
 */
uintptr_t pv_map_memory(const start_info_t *info, uintptr_t *free);

#endif /* XEN_PV_MEMORY_H */
