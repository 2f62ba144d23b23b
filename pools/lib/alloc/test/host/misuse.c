/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>

#include "fakes.h"
#include "host.h"
#include "model.h"

#define SIZE ((size_t)1 << 20)

/* Whether a release panics. */
static bool panics(struct uc_alloc *a, void *ptr)
{
	jmp_buf here;

	panic_expected = &here;
	bool panicked = setjmp(here);

	if (!panicked)
		uc_alloc_release(a, ptr);
	panic_expected = NULL;
	return panicked;
}

unsigned long test_misuse(const struct subject *subject)
{
	static const size_t sizes[] = { 1, 16, 100, 1000, 2016, 4096, 10000, 65536 };
	unsigned long cases = 0;
	void *memory = aligned_alloc(SIZE, SIZE);
	struct uc_alloc *a = subject->make(&memory, (const size_t[]){ SIZE }, 1);
	int local;

	CHECK(panics(a, &local), "a pointer from elsewhere");
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++, cases += 4) {
		char *before = uc_alloc_from(a, sizes[i], 0);
		char *ptr = uc_alloc_from(a, sizes[i], 0);
		char *after = uc_alloc_from(a, sizes[i], 0);

		CHECK(before && ptr && after, "%zu bytes", sizes[i]);
		uc_alloc_release(a, ptr);
		CHECK(panics(a, ptr), "second release of %zu bytes", sizes[i]);
		uc_alloc_release(a, after);
		uc_alloc_release(a, before);
		CHECK(panics(a, ptr), "second release of %zu bytes, merged", sizes[i]);
		CHECK(panics(a, before), "second release of %zu bytes, the first", sizes[i]);
		CHECK(panics(a, after), "second release of %zu bytes, the last", sizes[i]);
	}
	uc_alloc_release(a, NULL);
	free(memory);
	return cases + 2;
}
