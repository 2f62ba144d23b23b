/* SPDX-License-Identifier: BSD-3-Clause */
/* Page tables of a PV guest: Xen checks each change, and a page that is a table must not be mapped
 * writable anywhere. */
#ifndef XEN_PV_MEMORY_H
#define XEN_PV_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include <xen/xen.h>

/** Takes over where the guest's pages and their tables are. */
void pv_memory_init(const start_info_t *info);

/** What may be done with a page. */
enum pv_access {
	PV_NOTHING,
	PV_READ,
	PV_EXECUTE, /* and read */
	PV_WRITE    /* and read */
};

/** Maps a machine address at a page that is mapped already. 0, or Xen's negative error. */
int pv_map(void *page, uint64_t machine_address, enum pv_access access);

/**
 * Takes page 0 and the guard below the stack away; code cannot be written, and the rest of the
 * image not be executed, but for one page of code that lies there.
 */
void pv_protect_image(const void *code_page);

/**
 * Maps all of the guest's memory. *free is where free memory begins; what the tables need is taken
 * from there. Returns where it ends, which is less than all if Xen refuses.
 */
uintptr_t pv_map_memory(const start_info_t *info, uintptr_t *free);

#endif /* XEN_PV_MEMORY_H */
