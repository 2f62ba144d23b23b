/* SPDX-License-Identifier: BSD-3-Clause */
/* Blocks of pages and small allocations: the two layers of the buddy allocator. Private to it. */
#ifndef ALLOC_BUDDY_BLOCKS_H
#define ALLOC_BUDDY_BLOCKS_H

#include <uc/alloc_buddy.h>

#define PAGE UC_ALLOC_PAGE_SIZE

/*
 * A page's record: a kind, and the order of the block that begins there. It is valid for pages
 * where a block begins or once began; only of such pages is it ever asked, see blocks.c. A page in
 * the middle of a block has NONE, or whatever the memory held before.
 */
#define RECORD_NONE  0x00
#define RECORD_USED  0x40
#define RECORD_FREE  0x80
#define RECORD_SLAB  0xc0
#define RECORD_KIND  0xc0
#define RECORD_ORDER 0x3f

/** The largest allocation that shares a page. */
#define SLAB_MAX 2016

/** The record of the page at an address. Panics for an address outside of all ranges. */
uint8_t *block_record(struct uc_alloc_buddy *buddy, uintptr_t address);

/** The least order whose blocks hold size bytes; UC_ALLOC_BUDDY_ORDERS or more if none does. */
unsigned int block_order(size_t size);

/** Takes a block of an order. 0 if there is none. */
uintptr_t block_take(struct uc_alloc_buddy *buddy, unsigned int order);

/** Gives back a block, whose record says the order, and merges it with its free buddies. */
void block_give(struct uc_alloc_buddy *buddy, uintptr_t address);

/** Changes the order of a block in use where it lies. False if its neighbours are in use. */
bool block_resize(struct uc_alloc_buddy *buddy, uintptr_t address, unsigned int order);

/** Small allocations. align as in uc_alloc; NULL too if no class has that alignment. */
void *slab_alloc(struct uc_alloc_buddy *buddy, size_t size, size_t align);
/** Whether a size and alignment can share pages. */
bool slab_fits(size_t size, size_t align);
void slab_release(struct uc_alloc_buddy *buddy, void *ptr);
/** The size of the class that an allocation is in. */
size_t slab_usable(const void *ptr);
/** Gives pages without allocations back to the blocks. Returns whether there were any. */
bool slab_trim(struct uc_alloc_buddy *buddy);

#endif /* ALLOC_BUDDY_BLOCKS_H */
