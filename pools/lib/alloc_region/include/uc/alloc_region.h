/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The region allocator: it hands out memory in a row, and takes back from the end of the row only.
 * A release of the last block frees it and every released block before it; any other release just
 * marks. Right for unikernels that allocate at the start, or last in first out. Costs 16 bytes a
 * block, and a few instructions a call whatever the size of the memory.
 */
#ifndef UC_ALLOC_REGION_H
#define UC_ALLOC_REGION_H

#include <uc/alloc.h>

/** How many ranges of memory one allocator can have. */
#define UC_ALLOC_REGION_RANGES 8

struct uc_alloc_region_block;

struct uc_alloc_region {
	struct uc_alloc alloc;
	unsigned int range_count;
	struct uc_alloc_region_range {
		uintptr_t start;
		uintptr_t next; /* where the free rest begins */
		uintptr_t end;
		struct uc_alloc_region_block *last;
	} ranges[UC_ALLOC_REGION_RANGES];
	struct uc_alloc_stats stats; /* total, used, peak and the counts are kept here */
};

/** Makes an allocator without memory. The caller keeps the struct for as long as it is used. */
void uc_alloc_region_init(struct uc_alloc_region *region, const char *name);

/**
 * Gives it a range of memory, which it owns from then on. 0, -EINVAL for a range that is too small
 * or wraps around, -ENOSPC when it has UC_ALLOC_REGION_RANGES already.
 */
int uc_alloc_region_add(struct uc_alloc_region *region, void *start, size_t size);

#endif /* UC_ALLOC_REGION_H */
