/* SPDX-License-Identifier: BSD-3-Clause */
/* The start information of PVH, as Xen's public/arch-x86/hvm/start_info.h defines it. */
#ifndef UC_ARCH_PVH_H
#define UC_ARCH_PVH_H

#include <stdint.h>

/** Its address is in ebx at the entry. */
struct uc_pvh_start_info {
	uint32_t magic;
	uint32_t version;
	uint32_t flags;
	uint32_t module_count;
	uint64_t modules;
	uint64_t command_line; /* 0, or the address of a string */
	uint64_t rsdp;
	/* From version 1 on: */
	uint64_t memory_map;
	uint32_t memory_map_count;
	uint32_t reserved;
};

/**
 * Takes over the memory that it tells of. It lies in free memory itself: what else is needed of it
 * must have been copied. Panics if it is none, or has no map.
 */
void uc_x86_pvh_memory(const struct uc_pvh_start_info *info);

#endif /* UC_ARCH_PVH_H */
