/* SPDX-License-Identifier: BSD-3-Clause */
/* Takes all memory of the platform, as the default allocator. */
#include <uc/alloc_buddy.h>
#include <uc/init.h>
#include <uc/plat.h>

static struct uc_alloc_buddy heap;

static int alloc_buddy_init(void)
{
	struct uc_plat_memory memory;

	uc_alloc_buddy_init(&heap, "buddy");
	/* What is too small, or one range too many, stays unused: the rest serves. */
	for (unsigned int i = 0; uc_plat_memory(i, &memory) == 0; i++)
		(void)uc_alloc_buddy_add(&heap, memory.start, memory.size);
	uc_alloc_register(&heap.alloc);
	return 0;
}

UC_INIT(UC_INIT_MEMORY, alloc_buddy_init);
