/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory allocators. An allocator is a struct of functions, so that a unikernel can have several:
 * one for everything, others for pools of their own. The first that registers is the default, which
 * uc_malloc and the C library's malloc use.
 *
 * Nothing here may be called from an interrupt. All sizes are bytes.
 */
#ifndef UC_ALLOC_H
#define UC_ALLOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What every allocation is aligned to, at least. */
#define UC_ALLOC_ALIGN 16

/** The unit of page allocations. */
#define UC_ALLOC_PAGE_SIZE ((size_t)4096)

/** Numbers about an allocator. total = used + free + its own overhead. */
struct uc_alloc_stats {
	size_t total;	      /* bytes that it was given */
	size_t used;	      /* bytes handed out, rounded up as the allocator rounds */
	size_t peak;	      /* the most that `used` was */
	size_t free;	      /* bytes that are not handed out, whole or in pieces */
	size_t largest_free;  /* the largest piece of these */
	uint64_t allocations; /* calls that returned memory */
	uint64_t releases;    /* calls that gave memory back */
	uint64_t failures;    /* calls that found no memory */
};

struct uc_alloc {
	const char *name;

	/**
	 * Returns size bytes (> 0) aligned to align (a power of two, >= UC_ALLOC_ALIGN), or NULL.
	 * The content is undefined.
	 */
	void *(*alloc)(struct uc_alloc *a, size_t size, size_t align);

	/** Takes back what alloc returned. ptr is not NULL. */
	void (*release)(struct uc_alloc *a, void *ptr);

	/** Makes an allocation larger or smaller where it lies. False if that cannot or should not
	 * be. */
	bool (*resize)(struct uc_alloc *a, void *ptr, size_t size);

	/** The bytes that the owner of an allocation may use: at least what it asked for. */
	size_t (*usable)(struct uc_alloc *a, const void *ptr);

	/** Fills in the numbers. May take time in proportion to the number of free pieces. */
	void (*stats)(struct uc_alloc *a, struct uc_alloc_stats *out);

	/** The next that registered; NULL for the last. Set by uc_alloc_register. */
	struct uc_alloc *next;
};

/** Adds an allocator, for good. The first becomes the default. */
void uc_alloc_register(struct uc_alloc *a);

/** Makes a registered allocator the default. What others handed out must go back to them. */
void uc_alloc_set_default(struct uc_alloc *a);

/** The default allocator; NULL before one registered. */
struct uc_alloc *uc_alloc_default(void);

/** The first that registered; the others follow by `next`. NULL if there is none. */
struct uc_alloc *uc_alloc_first(void);

/**
 * Memory of an allocator. align is a power of two, or 0 for the usual alignment; size 0 counts as
 * 1. NULL without memory.
 */
void *uc_alloc_from(struct uc_alloc *a, size_t size, size_t align);

/** As uc_alloc_from, for count elements of size bytes, all zero. NULL too if that overflows. */
void *uc_alloc_zeroed(struct uc_alloc *a, size_t count, size_t size);

/**
 * Changes the size of an allocation, in place where that can be done, else by copying. ptr NULL
 * allocates. NULL without memory: the old allocation then stays as it is. To make it smaller never
 * fails. An alignment above UC_ALLOC_ALIGN is not kept.
 */
void *uc_alloc_resize(struct uc_alloc *a, void *ptr, size_t size);

/** Gives memory back to the allocator that it came from. NULL is no error. */
void uc_alloc_release(struct uc_alloc *a, void *ptr);

/** Whole pages, aligned to pages: count * UC_ALLOC_PAGE_SIZE bytes. NULL without memory. */
void *uc_alloc_pages(struct uc_alloc *a, size_t count);

/** The same on the default allocator. Without one, there is no memory. */
void *uc_malloc(size_t size);
void *uc_calloc(size_t count, size_t size);
void *uc_memalign(size_t align, size_t size);
void *uc_realloc(void *ptr, size_t size);
void uc_free(void *ptr);

#ifdef __cplusplus
}
#endif

#endif /* UC_ALLOC_H */
