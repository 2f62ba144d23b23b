/* SPDX-License-Identifier: BSD-3-Clause */
#include <uc/alloc_buddy.h>
#include <uc/alloc_region.h>

#include "host.h"
#include "model.h"

static struct uc_alloc *make_region(void *const *starts, const size_t *sizes, unsigned int count)
{
	static struct uc_alloc_region region;

	uc_alloc_region_init(&region, "region");
	for (unsigned int i = 0; i < count; i++)
		CHECK(uc_alloc_region_add(&region, starts[i], sizes[i]) == 0, "%u", i);
	return &region.alloc;
}

static struct uc_alloc *make_buddy(void *const *starts, const size_t *sizes, unsigned int count)
{
	static struct uc_alloc_buddy buddy;

	uc_alloc_buddy_init(&buddy, "buddy");
	for (unsigned int i = 0; i < count; i++)
		CHECK(uc_alloc_buddy_add(&buddy, starts[i], sizes[i]) == 0, "%u", i);
	return &buddy.alloc;
}

const struct subject region_subject = { "region", make_region, false };
const struct subject buddy_subject = { "buddy", make_buddy, true };

int main(void)
{
	static const struct subject *const subjects[] = { &region_subject, &buddy_subject };
	static const struct {
		const char *name;
		unsigned long (*run)(const struct subject *subject);
	} tests[] = {
		{ "random calls against a model", test_model },
		{ "misuse panics", test_misuse },
		{ "overflow and limits", test_arithmetic },
	};
	unsigned int number = 0;

	for (size_t i = 0; i < 2; i++) {
		for (size_t k = 0; k < 3; k++)
			printf("ok %u - %s: %s: %lu cases\n", ++number, subjects[i]->name,
			       tests[k].name, tests[k].run(subjects[i]));
	}
	printf("1..%u\n", number);
	return 0;
}
