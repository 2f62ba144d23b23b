/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <uc/alloc_region.h>
#include <uc/panic.h>

/* Lies right before each block. */
struct uc_alloc_region_block {
	struct uc_alloc_region_block *previous; /* in the same range */
	size_t size; /* of the block, a multiple of UC_ALLOC_ALIGN; RELEASED is or-ed to it */
};

#define RELEASED ((size_t)1)

_Static_assert(sizeof(struct uc_alloc_region_block) <= UC_ALLOC_ALIGN, "the header needs room");

static struct uc_alloc_region *region_of(struct uc_alloc *a)
{
	return (struct uc_alloc_region *)a;
}

static struct uc_alloc_region_block *block_of(const void *ptr)
{
	return (struct uc_alloc_region_block *)((uintptr_t)ptr - UC_ALLOC_ALIGN);
}

static uintptr_t payload_of(const struct uc_alloc_region_block *block)
{
	return (uintptr_t)block + UC_ALLOC_ALIGN;
}

static size_t size_of(const struct uc_alloc_region_block *block)
{
	return block->size & ~RELEASED;
}

/* Rounds up; a value so high that this wraps around gives 0. */
static size_t round_up(size_t value, size_t align)
{
	return (value + align - 1) & ~(align - 1);
}

static struct uc_alloc_region_range *range_of(struct uc_alloc_region *region, const void *ptr)
{
	for (unsigned int i = 0; i < region->range_count; i++) {
		struct uc_alloc_region_range *range = &region->ranges[i];

		if ((uintptr_t)ptr >= range->start && (uintptr_t)ptr < range->next)
			return range;
	}
	uc_panic("%s: %p is not from this allocator", region->alloc.name, ptr);
}

static void count_used(struct uc_alloc_region *region, size_t size)
{
	region->stats.used += size;
	if (region->stats.used > region->stats.peak)
		region->stats.peak = region->stats.used;
}

static void *take(struct uc_alloc_region_range *range, size_t size, size_t align)
{
	uintptr_t payload = round_up(range->next + UC_ALLOC_ALIGN, align);

	if (payload < range->next || payload > range->end || size > range->end - payload)
		return NULL;

	struct uc_alloc_region_block *block = block_of((void *)payload);

	block->previous = range->last;
	block->size = size;
	range->last = block;
	range->next = payload + size;
	return (void *)payload;
}

static void *region_alloc(struct uc_alloc *a, size_t size, size_t align)
{
	struct uc_alloc_region *region = region_of(a);
	size_t rounded = round_up(size, UC_ALLOC_ALIGN);

	for (unsigned int i = 0; rounded >= size && i < region->range_count; i++) {
		void *ptr = take(&region->ranges[i], rounded, align);

		if (ptr) {
			region->stats.allocations++;
			count_used(region, rounded);
			return ptr;
		}
	}
	region->stats.failures++;
	return NULL;
}

static void region_release(struct uc_alloc *a, void *ptr)
{
	struct uc_alloc_region *region = region_of(a);
	struct uc_alloc_region_range *range = range_of(region, ptr);
	struct uc_alloc_region_block *block = block_of(ptr);

	if (block->size & RELEASED)
		uc_panic("%s: %p released twice", a->name, ptr);
	region->stats.releases++;
	region->stats.used -= block->size;
	block->size |= RELEASED;
	while (range->last && range->last->size & RELEASED) {
		range->last = range->last->previous;
		range->next =
			range->last ? payload_of(range->last) + size_of(range->last) : range->start;
	}
}

static bool region_resize(struct uc_alloc *a, void *ptr, size_t size)
{
	struct uc_alloc_region *region = region_of(a);
	struct uc_alloc_region_range *range = range_of(region, ptr);
	struct uc_alloc_region_block *block = block_of(ptr);
	size_t rounded = round_up(size, UC_ALLOC_ALIGN);

	if (rounded < size)
		return false;
	if (block != range->last)
		return rounded <= block->size;
	if (rounded > range->end - (uintptr_t)ptr)
		return false;
	region->stats.used -= block->size;
	count_used(region, rounded);
	block->size = rounded;
	range->next = (uintptr_t)ptr + rounded;
	return true;
}

static size_t region_usable(struct uc_alloc *a, const void *ptr)
{
	(void)a;
	return size_of(block_of(ptr));
}

static void region_stats(struct uc_alloc *a, struct uc_alloc_stats *out)
{
	struct uc_alloc_region *region = region_of(a);

	*out = region->stats;
	for (unsigned int i = 0; i < region->range_count; i++) {
		size_t rest = region->ranges[i].end - region->ranges[i].next;

		out->free += rest;
		if (rest > out->largest_free)
			out->largest_free = rest;
	}
}

void uc_alloc_region_init(struct uc_alloc_region *region, const char *name)
{
	*region = (struct uc_alloc_region){
		.alloc = {
			.name = name,
			.alloc = region_alloc,
			.release = region_release,
			.resize = region_resize,
			.usable = region_usable,
			.stats = region_stats,
		},
	};
}

int uc_alloc_region_add(struct uc_alloc_region *region, void *start, size_t size)
{
	uintptr_t first = round_up((uintptr_t)start, UC_ALLOC_ALIGN);
	uintptr_t end = ((uintptr_t)start + size) & ~(uintptr_t)(UC_ALLOC_ALIGN - 1);

	if ((uintptr_t)start + size < (uintptr_t)start || first < (uintptr_t)start || end < first ||
	    end - first < 2 * UC_ALLOC_ALIGN)
		return -EINVAL;
	if (region->range_count == UC_ALLOC_REGION_RANGES)
		return -ENOSPC;
	region->ranges[region->range_count++] =
		(struct uc_alloc_region_range){ .start = first, .next = first, .end = end };
	region->stats.total += end - first;
	return 0;
}
