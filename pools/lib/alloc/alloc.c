/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>
#include <uc/alloc.h>

static struct uc_alloc *first;
static struct uc_alloc *standard;

void uc_alloc_register(struct uc_alloc *a)
{
	struct uc_alloc **end = &first;

	while (*end)
		end = &(*end)->next;
	a->next = NULL;
	*end = a;
	if (!standard)
		standard = a;
}

void uc_alloc_set_default(struct uc_alloc *a)
{
	standard = a;
}

struct uc_alloc *uc_alloc_default(void)
{
	return standard;
}

struct uc_alloc *uc_alloc_first(void)
{
	return first;
}

void *uc_alloc_from(struct uc_alloc *a, size_t size, size_t align)
{
	if ((align & (align - 1)) != 0)
		return NULL;
	return a->alloc(a, size > 0 ? size : 1, align > UC_ALLOC_ALIGN ? align : UC_ALLOC_ALIGN);
}

void *uc_alloc_zeroed(struct uc_alloc *a, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		return NULL;

	void *ptr = uc_alloc_from(a, bytes, 0);

	return ptr ? memset(ptr, 0, bytes) : NULL;
}

void *uc_alloc_resize(struct uc_alloc *a, void *ptr, size_t size)
{
	if (!ptr)
		return uc_alloc_from(a, size, 0);
	if (a->resize(a, ptr, size > 0 ? size : 1))
		return ptr;

	size_t kept = a->usable(a, ptr);
	void *copy = uc_alloc_from(a, size, 0);

	/* A smaller size never fails: the block stays, larger than it needs to be. */
	if (!copy)
		return kept >= size ? ptr : NULL;
	memcpy(copy, ptr, kept < size ? kept : size);
	a->release(a, ptr);
	return copy;
}

void uc_alloc_release(struct uc_alloc *a, void *ptr)
{
	if (ptr)
		a->release(a, ptr);
}

void *uc_alloc_pages(struct uc_alloc *a, size_t count)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, UC_ALLOC_PAGE_SIZE, &bytes))
		return NULL;
	return uc_alloc_from(a, bytes, UC_ALLOC_PAGE_SIZE);
}

void *uc_malloc(size_t size)
{
	return standard ? uc_alloc_from(standard, size, 0) : NULL;
}

void *uc_calloc(size_t count, size_t size)
{
	return standard ? uc_alloc_zeroed(standard, count, size) : NULL;
}

void *uc_memalign(size_t align, size_t size)
{
	return standard ? uc_alloc_from(standard, size, align) : NULL;
}

void *uc_realloc(void *ptr, size_t size)
{
	return standard ? uc_alloc_resize(standard, ptr, size) : NULL;
}

void uc_free(void *ptr)
{
	if (standard)
		uc_alloc_release(standard, ptr);
}
