/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Small allocations: a page holds objects of one class (as Bonwick's slabs, USENIX 1994) and begins
 * with a header that has a bit for each. No list runs through the objects: a program that writes to
 * what it released cannot break the allocator, and a second release is always noticed.
 */
#include <uc/panic.h>

#include "blocks.h"

#define SLAB_WORDS 4
#define HEADER	   64

/* Lies at the start of the page. */
struct uc_alloc_buddy_slab {
	struct uc_alloc_buddy_slab *next;  /* with room, of this class */
	struct uc_alloc_buddy_slab **link; /* the pointer that points here; NULL when full */
	uint64_t used[SLAB_WORDS]; /* bits of objects in use, and of those that there are not */
	uint16_t count;		   /* objects in use */
	uint8_t class;
};

_Static_assert(sizeof(struct uc_alloc_buddy_slab) <= HEADER, "the objects begin after the header");

/*
 * Sizes are multiples of 16. A power of two lies at multiples of itself, so that it is aligned to
 * its size; the others fill the page best.
 */
static const struct class
{
	uint16_t size;
	uint16_t offset;
	uint16_t capacity;
} classes[UC_ALLOC_BUDDY_CLASSES] = {
#define CLASS(size, offset)                              \
	{                                                \
		size, offset, (4096 - (offset)) / (size) \
	}
	CLASS(16, HEADER),   CLASS(32, HEADER),	      CLASS(48, HEADER),  CLASS(64, HEADER),
	CLASS(96, HEADER),   CLASS(128, 128),	      CLASS(192, HEADER), CLASS(256, 256),
	CLASS(384, HEADER),  CLASS(512, 512),	      CLASS(672, HEADER), CLASS(1008, HEADER),
	CLASS(1344, HEADER), CLASS(SLAB_MAX, HEADER),
};

static struct uc_alloc_buddy_slab *slab_of(const void *ptr)
{
	return (struct uc_alloc_buddy_slab *)((uintptr_t)ptr & ~(PAGE - 1));
}

/* The least class for a size and alignment, or UC_ALLOC_BUDDY_CLASSES. */
static unsigned int find_class(size_t size, size_t align)
{
	unsigned int i = 0;

	while (i < UC_ALLOC_BUDDY_CLASSES &&
	       (classes[i].size < size ||
		((classes[i].size | classes[i].offset) & (align - 1)) != 0))
		i++;
	return i;
}

bool slab_fits(size_t size, size_t align)
{
	return find_class(size, align) < UC_ALLOC_BUDDY_CLASSES;
}

static void link_slab(struct uc_alloc_buddy *buddy, struct uc_alloc_buddy_slab *slab)
{
	struct uc_alloc_buddy_slab **head = &buddy->slabs[slab->class];

	slab->next = *head;
	slab->link = head;
	if (slab->next)
		slab->next->link = &slab->next;
	*head = slab;
}

static void unlink_slab(struct uc_alloc_buddy_slab *slab)
{
	*slab->link = slab->next;
	if (slab->next)
		slab->next->link = slab->link;
	slab->link = NULL;
}

/* A fresh page for a class. NULL without memory. */
static struct uc_alloc_buddy_slab *make_slab(struct uc_alloc_buddy *buddy, unsigned int class)
{
	uintptr_t page = block_take(buddy, 0);

	if (!page && slab_trim(buddy))
		page = block_take(buddy, 0);
	if (!page)
		return NULL;

	struct uc_alloc_buddy_slab *slab = (struct uc_alloc_buddy_slab *)page;
	unsigned int capacity = classes[class].capacity;

	*block_record(buddy, page) = RECORD_SLAB;
	slab->class = (uint8_t) class;
	slab->count = 0;
	for (unsigned int i = 0; i < SLAB_WORDS; i++) {
		if (capacity >= 64 * (i + 1))
			slab->used[i] = 0;
		else if (capacity <= 64 * i)
			slab->used[i] = ~0ULL;
		else
			slab->used[i] = ~0ULL << (capacity - 64 * i);
	}
	link_slab(buddy, slab);
	buddy->stats.free += (size_t)capacity * classes[class].size;
	return slab;
}

static void drop_slab(struct uc_alloc_buddy *buddy, struct uc_alloc_buddy_slab *slab)
{
	buddy->stats.free -= (size_t)classes[slab->class].capacity * classes[slab->class].size;
	unlink_slab(slab);
	block_give(buddy, (uintptr_t)slab);
}

bool slab_trim(struct uc_alloc_buddy *buddy)
{
	bool any = false;

	for (unsigned int i = 0; i < UC_ALLOC_BUDDY_CLASSES; i++) {
		struct uc_alloc_buddy_slab *next;

		for (struct uc_alloc_buddy_slab *slab = buddy->slabs[i]; slab; slab = next) {
			next = slab->next;
			if (slab->count == 0) {
				drop_slab(buddy, slab);
				any = true;
			}
		}
	}
	return any;
}

void *slab_alloc(struct uc_alloc_buddy *buddy, size_t size, size_t align)
{
	unsigned int class = find_class(size, align);
	struct uc_alloc_buddy_slab *slab = buddy->slabs[class];

	if (!slab)
		slab = make_slab(buddy, class);
	if (!slab)
		return NULL;

	unsigned int word = 0;

	while (slab->used[word] == ~0ULL)
		word++;

	unsigned int bit = (unsigned int)__builtin_ctzll(~slab->used[word]);

	slab->used[word] |= 1ULL << bit;
	if (++slab->count == classes[class].capacity)
		unlink_slab(slab);
	buddy->stats.free -= classes[class].size;
	return (char *)slab + classes[class].offset +
	       (size_t)(64 * word + bit) * classes[class].size;
}

void slab_release(struct uc_alloc_buddy *buddy, void *ptr)
{
	struct uc_alloc_buddy_slab *slab = slab_of(ptr);
	const struct class *class = &classes[slab->class];
	unsigned int distance = (unsigned int)((uintptr_t)ptr & (PAGE - 1)) - class->offset;
	unsigned int index = distance / class->size;

	if (index >= class->capacity || distance % class->size != 0)
		uc_panic("%s: %p is not the start of an allocation", buddy->alloc.name, ptr);

	uint64_t bit = 1ULL << (index % 64);

	if (!(slab->used[index / 64] & bit))
		uc_panic("%s: %p released twice", buddy->alloc.name, ptr);
	slab->used[index / 64] &= ~bit;
	slab->count--;
	buddy->stats.free += class->size;
	if (!slab->link)
		link_slab(buddy, slab);
	/* The last page with room stays, so that one allocation that comes and goes costs little.
	 */
	if (slab->count == 0 && (slab->next || slab->link != &buddy->slabs[slab->class]))
		drop_slab(buddy, slab);
}

size_t slab_usable(const void *ptr)
{
	return classes[slab_of(ptr)->class].size;
}
