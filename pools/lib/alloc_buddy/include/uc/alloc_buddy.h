/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The buddy allocator: blocks of a power of two pages, each aligned to its size, that merge with
 * their buddy when both are free (Knowlton, 1965). Allocations of up to 2,016 bytes share pages.
 *
 * Adding a range of memory takes a time that grows with the logarithm of its size, not with its
 * size: the record of a page is written when a block first begins there, and no memory is touched
 * before it is used. Allocation and release take O(log n) steps, mostly one.
 */
#ifndef UC_ALLOC_BUDDY_H
#define UC_ALLOC_BUDDY_H

#include <uc/alloc.h>

/** How many ranges of memory one allocator can have. */
#define UC_ALLOC_BUDDY_RANGES 16

/** Orders of blocks: order k has 2^k pages. 2^35 pages are 128 TiB. */
#define UC_ALLOC_BUDDY_ORDERS 36

/** Sizes of shared-page allocations. */
#define UC_ALLOC_BUDDY_CLASSES 14

struct uc_alloc_buddy_free; /* a free block, while it is free */
struct uc_alloc_buddy_slab; /* a page of small allocations */

struct uc_alloc_buddy {
	struct uc_alloc alloc;
	unsigned int range_count;
	struct uc_alloc_buddy_range {
		uintptr_t first; /* address of the first page for use */
		uintptr_t end;
		uint8_t *pages; /* a record for each page, before `first` */
	} ranges[UC_ALLOC_BUDDY_RANGES];
	uint64_t orders; /* bit k: there is a free block of order k */
	struct uc_alloc_buddy_free *free[UC_ALLOC_BUDDY_ORDERS];
	struct uc_alloc_buddy_slab *slabs[UC_ALLOC_BUDDY_CLASSES]; /* those with room */
	struct uc_alloc_stats stats;
};

/** Makes an allocator without memory. The caller keeps the struct for as long as it is used. */
void uc_alloc_buddy_init(struct uc_alloc_buddy *buddy, const char *name);

/**
 * Gives it a range of memory, which it owns from then on. One byte in 4,096 becomes its record.
 * 0, -EINVAL for a range without two whole pages or that wraps around, -ENOSPC when it has
 * UC_ALLOC_BUDDY_RANGES already.
 */
int uc_alloc_buddy_add(struct uc_alloc_buddy *buddy, void *start, size_t size);

#endif /* UC_ALLOC_BUDDY_H */
