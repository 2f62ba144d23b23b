/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Blocks of pages.
 *
 * Why no record needs a value before a block begins at its page: a record is looked at when a block
 * of order k at address a is given back, namely that of its buddy at a ^ size. The block came from
 * a split, which wrote both halves' records, or from uc_alloc_buddy_add, which cuts a range into
 * the largest aligned blocks. Of the latter, a buddy that begins inside the range is cut off by the
 * range's end, so a smaller block begins at its first page, and its record is written too.
 */
#include <errno.h>
#include <uc/panic.h>

#include "blocks.h"

/* Lies at the start of a free block. */
struct uc_alloc_buddy_free {
	struct uc_alloc_buddy_free *next;
	struct uc_alloc_buddy_free **link; /* the pointer that points here */
};

static struct uc_alloc_buddy_range *range_of(struct uc_alloc_buddy *buddy, uintptr_t address)
{
	for (unsigned int i = 0; i < buddy->range_count; i++) {
		struct uc_alloc_buddy_range *range = &buddy->ranges[i];

		if (address >= range->first && address < range->end)
			return range;
	}
	uc_panic("%s: %p is not from this allocator", buddy->alloc.name, (void *)address);
}

static uint8_t *record_in(const struct uc_alloc_buddy_range *range, uintptr_t address)
{
	return &range->pages[(address - range->first) / PAGE];
}

uint8_t *block_record(struct uc_alloc_buddy *buddy, uintptr_t address)
{
	return record_in(range_of(buddy, address), address);
}

unsigned int block_order(size_t size)
{
	size_t pages = (size - 1) / PAGE;

	return pages ? 8 * sizeof(unsigned long) - (unsigned int)__builtin_clzl(pages) : 0;
}

static void push(struct uc_alloc_buddy *buddy, uintptr_t address, unsigned int order)
{
	struct uc_alloc_buddy_free *block = (struct uc_alloc_buddy_free *)address;

	block->next = buddy->free[order];
	block->link = &buddy->free[order];
	if (block->next)
		block->next->link = &block->next;
	buddy->free[order] = block;
	buddy->orders |= 1ULL << order;
	buddy->stats.free += PAGE << order;
}

static void unlink(struct uc_alloc_buddy *buddy, struct uc_alloc_buddy_free *block,
		   unsigned int order)
{
	*block->link = block->next;
	if (block->next)
		block->next->link = block->link;
	if (!buddy->free[order])
		buddy->orders &= ~(1ULL << order);
	buddy->stats.free -= PAGE << order;
}

/* Splits a block in use until it has the order, and frees the upper halves. */
static void split(struct uc_alloc_buddy *buddy, uint8_t *record, uintptr_t address,
		  unsigned int order)
{
	for (unsigned int k = *record & RECORD_ORDER; k-- > order;) {
		record[1UL << k] = RECORD_FREE | k;
		push(buddy, address + (PAGE << k), k);
	}
	*record = RECORD_USED | order;
}

uintptr_t block_take(struct uc_alloc_buddy *buddy, unsigned int order)
{
	if (order >= UC_ALLOC_BUDDY_ORDERS || !(buddy->orders >> order))
		return 0;

	unsigned int k = order + (unsigned int)__builtin_ctzll(buddy->orders >> order);
	struct uc_alloc_buddy_free *block = buddy->free[k];

	unlink(buddy, block, k);
	split(buddy, block_record(buddy, (uintptr_t)block), (uintptr_t)block, order);
	return (uintptr_t)block;
}

/* Whether a free block of an order begins at an address. */
static bool is_free(const struct uc_alloc_buddy_range *range, uintptr_t address, unsigned int order)
{
	return address >= range->first && address < range->end &&
	       *record_in(range, address) == (RECORD_FREE | order);
}

void block_give(struct uc_alloc_buddy *buddy, uintptr_t address)
{
	struct uc_alloc_buddy_range *range = range_of(buddy, address);
	unsigned int order = *record_in(range, address) & RECORD_ORDER;

	for (; order + 1 < UC_ALLOC_BUDDY_ORDERS; order++) {
		uintptr_t other = address ^ (PAGE << order);

		if (!is_free(range, other, order))
			break;
		unlink(buddy, (struct uc_alloc_buddy_free *)other, order);
		/* The upper one's record goes, so that a second release of it is noticed. */
		*record_in(range, address > other ? address : other) = RECORD_NONE;
		address = address < other ? address : other;
	}
	*record_in(range, address) = RECORD_FREE | order;
	push(buddy, address, order);
}

bool block_resize(struct uc_alloc_buddy *buddy, uintptr_t address, unsigned int order)
{
	struct uc_alloc_buddy_range *range = range_of(buddy, address);
	uint8_t *record = record_in(range, address);
	unsigned int now = *record & RECORD_ORDER;

	if (order <= now) {
		split(buddy, record, address, order);
		return true;
	}
	if (order >= UC_ALLOC_BUDDY_ORDERS || (address & ((PAGE << order) - 1)) != 0)
		return false;
	for (unsigned int k = now; k < order; k++) {
		if (!is_free(range, address + (PAGE << k), k))
			return false;
	}
	for (unsigned int k = now; k < order; k++) {
		uintptr_t other = address + (PAGE << k);

		unlink(buddy, (struct uc_alloc_buddy_free *)other, k);
		*record_in(range, other) = RECORD_NONE;
	}
	*record = RECORD_USED | order;
	return true;
}

int uc_alloc_buddy_add(struct uc_alloc_buddy *buddy, void *start, size_t size)
{
	uintptr_t first = ((uintptr_t)start + PAGE - 1) & ~(PAGE - 1);
	uintptr_t end = ((uintptr_t)start + size) & ~(PAGE - 1);

	if (first == 0)
		first = PAGE; /* page 0 would look like NULL */
	if ((uintptr_t)start + size < (uintptr_t)start || first < (uintptr_t)start || end < first ||
	    end - first < 2 * PAGE)
		return -EINVAL;
	if (buddy->range_count == UC_ALLOC_BUDDY_RANGES)
		return -ENOSPC;

	size_t record_pages = ((end - first) / PAGE + PAGE) / (PAGE + 1);
	struct uc_alloc_buddy_range *range = &buddy->ranges[buddy->range_count++];

	range->pages = (uint8_t *)first;
	range->first = first + record_pages * PAGE;
	range->end = end;
	buddy->stats.total += end - first;
	for (uintptr_t a = range->first; a < end;) {
		/* The largest block that is aligned here and does not pass the end. */
		unsigned int order = (unsigned int)__builtin_ctzl(a / PAGE);
		unsigned int fitting =
			8 * sizeof(long) - 1 - (unsigned int)__builtin_clzl((end - a) / PAGE);

		if (order > fitting)
			order = fitting;
		if (order >= UC_ALLOC_BUDDY_ORDERS)
			order = UC_ALLOC_BUDDY_ORDERS - 1;
		*record_in(range, a) = (uint8_t)(RECORD_FREE | order);
		push(buddy, a, order);
		a += PAGE << order;
	}
	return 0;
}
