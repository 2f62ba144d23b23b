/* SPDX-License-Identifier: BSD-3-Clause */
/* The start information of PVH, as Xen's public/arch-x86/hvm/start_info.h defines it. */
#ifndef KVM_START_INFO_H
#define KVM_START_INFO_H

#include <stdint.h>

#define HVM_START_MAGIC 0x336ec578
#define HVM_MEMORY_RAM	1 /* as in an E820 map */

struct hvm_start_info {
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

struct hvm_memory_entry {
	uint64_t start;
	uint64_t size;
	uint32_t type;
	uint32_t reserved;
};

#endif /* KVM_START_INFO_H */
