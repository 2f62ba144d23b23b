/* SPDX-License-Identifier: BSD-3-Clause */
/* General utilities of the C standard: numbers, sorting, memory, the end of the program. */
#ifndef _STDLIB_H
#define _STDLIB_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define EXIT_SUCCESS 0
#define EXIT_FAILURE 1

typedef struct {
	int quot;
	int rem;
} div_t;

typedef struct {
	long quot;
	long rem;
} ldiv_t;

typedef struct {
	long long quot;
	long long rem;
} lldiv_t;

/*
 * Numbers from text. Out of range gives the nearest bound and ERANGE, a base other than 0 and
 * 2..36 gives 0 and EINVAL. Where there is no number, the result is 0, *end is s, and errno stays.
 */
long strtol(const char *restrict s, char **restrict end, int base);
long long strtoll(const char *restrict s, char **restrict end, int base);
unsigned long strtoul(const char *restrict s, char **restrict end, int base);
unsigned long long strtoull(const char *restrict s, char **restrict end, int base);
int atoi(const char *s);
long atol(const char *s);
long long atoll(const char *s);

int abs(int i);
long labs(long i);
long long llabs(long long i);
div_t div(int numerator, int denominator);
ldiv_t ldiv(long numerator, long denominator);
lldiv_t lldiv(long long numerator, long long denominator);

/** Heapsort: in place, never more than O(n log n) comparisons, no recursion. Not stable. */
void qsort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *));
void *bsearch(const void *key, const void *base, size_t count, size_t size,
	      int (*compare)(const void *, const void *));

/*
 * Memory from the default allocator of uc/alloc.h. Where the configuration has none, malloc and
 * its kin return NULL with ENOMEM. A size of 0 gives a pointer of its own that can be freed.
 */
void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *ptr, size_t size);
/** As realloc of count * size bytes; NULL and ENOMEM where the product overflows. */
void *reallocarray(void *ptr, size_t count, size_t size);
/** alignment is a power of two. Unlike C11's first wording, size need not be a multiple of it. */
void *aligned_alloc(size_t alignment, size_t size);
/** 0, EINVAL (alignment no power of two, or below sizeof(void *)) or ENOMEM; errno stays. */
int posix_memalign(void **out, size_t alignment, size_t size);
void free(void *ptr);

/** Registers a function for exit, at most 32. Returns 0, or -1 when the table is full. */
int atexit(void (*function)(void));
/** Runs atexit's functions, the last first, then shuts the unikernel down with this code. */
void exit(int code) __attribute__((__noreturn__));
/** Shuts the unikernel down without atexit's functions. */
void _Exit(int code) __attribute__((__noreturn__));
/** Panics: there are no signals. */
void abort(void) __attribute__((__noreturn__));

#ifdef __cplusplus
}
#endif

#endif /* _STDLIB_H */
