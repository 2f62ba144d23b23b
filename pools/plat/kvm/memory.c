/* SPDX-License-Identifier: BSD-3-Clause */
#include <uc/panic.h>
#include <uc/plat.h>

#include "kvm.h"
#include "start_info.h"

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

static void add_entry(uint64_t start, uint64_t end)
{
	uint64_t image_start = (uintptr_t)kvm_image_start;
	uint64_t image_end = (uintptr_t)kvm_image_end;

	if (end > FOUR_GIB)
		end = paging_extend(end, take_page);
	if (start >= image_end || end <= image_start) {
		add(start, end);
		return;
	}
	if (start < image_start)
		add(start, image_start);
	if (end > image_end)
		add(image_end, end);
}

void memory_init(const struct hvm_start_info *info)
{
	const struct hvm_memory_entry *map = (const struct hvm_memory_entry *)info->memory_map;

	if (info->version < 1 || info->memory_map_count == 0)
		uc_panic("the VMM passed no memory map");
	for (uint32_t i = 0; i < info->memory_map_count; i++)
		if (map[i].type == HVM_MEMORY_RAM)
			add_entry(map[i].start, map[i].start + map[i].size);
}

int uc_plat_memory(unsigned int index, struct uc_plat_memory *out)
{
	if (index >= range_count)
		return -2;
	out->start = ranges[index].start;
	out->size = ranges[index].size;
	return 0;
}
