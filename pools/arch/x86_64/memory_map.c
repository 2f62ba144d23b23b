/* SPDX-License-Identifier: BSD-3-Clause */
#include <uc/arch/system.h>
#include <uc/plat.h>

#include "page_tables.h"

#define PAGE	   UINT64_C(4096)
#define RANGES_MAX 16
#define FOUR_GIB   (UINT64_C(4) << 30)

static struct uc_plat_memory ranges[RANGES_MAX];
static unsigned int range_count;

static void add(uint64_t start, uint64_t end)
{
	/* Page 0 is not mapped: a null pointer must not be memory. */
	if (start < PAGE)
		start = PAGE;
	start = (start + PAGE - 1) & ~(PAGE - 1);
	end &= ~(PAGE - 1);
	if (start >= end || range_count == RANGES_MAX)
		return;
	ranges[range_count].start = (void *)start;
	ranges[range_count++].size = end - start;
}

/* A page for a page table, from the end of a range below 4 GiB. */
static void *take_page(void)
{
	for (unsigned int i = range_count; i-- > 0;) {
		struct uc_plat_memory *range = &ranges[i];

		if ((uintptr_t)range->start >= FOUR_GIB || range->size < 2 * PAGE)
			continue;
		range->size -= PAGE;
		return (char *)range->start + range->size;
	}
	return NULL;
}

void uc_x86_memory_add(uint64_t start, uint64_t end)
{
	uint64_t image_start = (uintptr_t)uc_image_start;
	uint64_t image_end = (uintptr_t)uc_image_end;

	if (start >= image_end || end <= image_start) {
		add(start, end);
		return;
	}
	if (start < image_start)
		add(start, image_start);
	if (end > image_end)
		add(image_end, end);
}

void uc_x86_memory_map(uint64_t start, uint64_t end)
{
	if (end > FOUR_GIB)
		end = x86_page_tables_extend(end, take_page);
	uc_x86_memory_add(start, end);
}

int uc_plat_memory(unsigned int index, struct uc_plat_memory *out)
{
	if (index >= range_count)
		return -2;
	out->start = ranges[index].start;
	out->size = ranges[index].size;
	return 0;
}
