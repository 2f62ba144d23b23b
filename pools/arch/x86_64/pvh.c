/* SPDX-License-Identifier: BSD-3-Clause */
#include <uc/arch/pvh.h>
#include <uc/arch/system.h>
#include <uc/panic.h>

#define MAGIC 0x336ec578
#define RAM   1 /* as in an E820 map */

struct entry {
	uint64_t start;
	uint64_t size;
	uint32_t type;
	uint32_t reserved;
};

void uc_x86_pvh_memory(const struct uc_pvh_start_info *info)
{
	const struct entry *map = (const struct entry *)info->memory_map;

	if (info->magic != MAGIC)
		uc_panic("no PVH start information, but magic 0x%x", info->magic);
	if (info->version < 1 || info->memory_map_count == 0)
		uc_panic("the VMM passed no memory map");
	for (uint32_t i = 0; i < info->memory_map_count; i++)
		if (map[i].type == RAM)
			uc_x86_memory_map(map[i].start, map[i].start + map[i].size);
	/* The information may have been in page 0, where null pointers lead. */
	uc_x86_page_access(0, UC_X86_NOTHING);
}
