/* SPDX-License-Identifier: BSD-3-Clause */
#include <uc/panic.h>

#include "blocks.h"

static struct uc_alloc_buddy *buddy_of(struct uc_alloc *a)
{
	return (struct uc_alloc_buddy *)a;
}

/* Whether ptr is a small allocation. Panics if nothing in use begins there. */
static bool is_small(struct uc_alloc_buddy *buddy, const void *ptr)
{
	uintptr_t page = (uintptr_t)ptr & ~(PAGE - 1);
	uint8_t kind = *block_record(buddy, page) & RECORD_KIND;

	if (page != (uintptr_t)ptr && kind == RECORD_SLAB)
		return true;
	if (page == (uintptr_t)ptr && kind == RECORD_USED)
		return false;
	if (kind == RECORD_FREE)
		uc_panic("%s: %p released twice", buddy->alloc.name, ptr);
	uc_panic("%s: %p is not the start of an allocation", buddy->alloc.name, ptr);
}

static size_t usable(struct uc_alloc_buddy *buddy, const void *ptr)
{
	if (is_small(buddy, ptr))
		return slab_usable(ptr);
	return PAGE << (*block_record(buddy, (uintptr_t)ptr) & RECORD_ORDER);
}

static void count_used(struct uc_alloc_buddy *buddy, size_t size)
{
	buddy->stats.used += size;
	if (buddy->stats.used > buddy->stats.peak)
		buddy->stats.peak = buddy->stats.used;
}

static void *buddy_alloc(struct uc_alloc *a, size_t size, size_t align)
{
	struct uc_alloc_buddy *buddy = buddy_of(a);
	void *ptr;

	if (slab_fits(size, align)) {
		ptr = slab_alloc(buddy, size, align);
	} else {
		/* A block is aligned to its size. */
		unsigned int order = block_order(size > align ? size : align);

		ptr = (void *)block_take(buddy, order);
		if (!ptr && slab_trim(buddy))
			ptr = (void *)block_take(buddy, order);
	}
	if (!ptr) {
		buddy->stats.failures++;
		return NULL;
	}
	buddy->stats.allocations++;
	count_used(buddy, usable(buddy, ptr));
	return ptr;
}

static void buddy_release(struct uc_alloc *a, void *ptr)
{
	struct uc_alloc_buddy *buddy = buddy_of(a);
	size_t size = usable(buddy, ptr);

	if (is_small(buddy, ptr))
		slab_release(buddy, ptr);
	else
		block_give(buddy, (uintptr_t)ptr);
	buddy->stats.used -= size;
	buddy->stats.releases++;
}

static bool buddy_resize(struct uc_alloc *a, void *ptr, size_t size)
{
	struct uc_alloc_buddy *buddy = buddy_of(a);
	size_t now = usable(buddy, ptr);

	/* A small one stays unless that wastes three quarters of it. */
	if (is_small(buddy, ptr))
		return size <= now && size >= now / 4;
	if (!block_resize(buddy, (uintptr_t)ptr, block_order(size)))
		return false;
	buddy->stats.used -= now;
	count_used(buddy, usable(buddy, ptr));
	return true;
}

static size_t buddy_usable(struct uc_alloc *a, const void *ptr)
{
	return usable(buddy_of(a), ptr);
}

static void buddy_stats(struct uc_alloc *a, struct uc_alloc_stats *out)
{
	struct uc_alloc_buddy *buddy = buddy_of(a);

	*out = buddy->stats;
	if (buddy->orders)
		out->largest_free = PAGE << (63 - __builtin_clzll(buddy->orders));
}

void uc_alloc_buddy_init(struct uc_alloc_buddy *buddy, const char *name)
{
	*buddy = (struct uc_alloc_buddy){
		.alloc = {
			.name = name,
			.alloc = buddy_alloc,
			.release = buddy_release,
			.resize = buddy_resize,
			.usable = buddy_usable,
			.stats = buddy_stats,
		},
	};
}
