/* SPDX-License-Identifier: BSD-3-Clause */
/* The tests of the allocators, each with the number of its cases as result. */
#ifndef ALLOC_TEST_MODEL_H
#define ALLOC_TEST_MODEL_H

#include <stdbool.h>
#include <uc/alloc.h>

/** An allocator to test. */
struct subject {
	const char *name;
	/** Makes it anew, with these ranges of memory. */
	struct uc_alloc *(*make)(void *const *starts, const size_t *sizes, unsigned int count);
	/** Whether what was released can be had again in any order. */
	bool reuses;
};

extern const struct subject region_subject;
extern const struct subject buddy_subject;

/** Random calls, checked against a model of what is allocated. */
unsigned long test_model(const struct subject *subject);

/** What must panic: a second release, pointers from elsewhere. */
unsigned long test_misuse(const struct subject *subject);

/** Sizes, counts and alignments at the ends of their ranges. */
unsigned long test_arithmetic(const struct subject *subject);

#endif /* ALLOC_TEST_MODEL_H */
