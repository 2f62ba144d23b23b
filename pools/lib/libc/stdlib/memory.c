/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>

#ifdef CONFIG_LIBALLOC

#include <uc/alloc.h>

static void *or_enomem(void *ptr)
{
	if (!ptr)
		errno = ENOMEM;
	return ptr;
}

void *malloc(size_t size)
{
	return or_enomem(uc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
	return or_enomem(uc_calloc(count, size));
}

void *realloc(void *ptr, size_t size)
{
	return or_enomem(uc_realloc(ptr, size));
}

void *aligned_alloc(size_t alignment, size_t size)
{
	if (alignment == 0 || (alignment & (alignment - 1)) != 0) {
		errno = EINVAL;
		return NULL;
	}
	return or_enomem(uc_memalign(alignment, size));
}

void free(void *ptr)
{
	uc_free(ptr);
}

#else /* without an allocator, all memory is used up */

void *malloc(size_t size)
{
	(void)size;
	errno = ENOMEM;
	return NULL;
}

void *calloc(size_t count, size_t size)
{
	(void)count;
	return malloc(size);
}

void *realloc(void *ptr, size_t size)
{
	(void)ptr;
	return malloc(size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	(void)alignment;
	return malloc(size);
}

void free(void *ptr)
{
	(void)ptr;
}

#endif

void *reallocarray(void *ptr, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(ptr, bytes);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
	if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0)
		return EINVAL;

	int saved = errno;
	void *ptr = aligned_alloc(alignment, size);

	errno = saved;
	if (!ptr)
		return ENOMEM;
	*out = ptr;
	return 0;
}
