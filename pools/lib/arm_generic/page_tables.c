/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Page tables in the format that ARMv8-A and ARMv7-A's large physical address extension share:
 * entries of 64 bits that map a GiB, 2 MiB, 4 KiB. Memory is mapped where it is. Arm Architecture
 * Reference Manual, D5.3 (v8); B3.6 (v7).
 */
#include <uc/arch/system.h>
#include <uc/arm_generic.h>

#define ENTRIES 512
#define PAGE	UINT64_C(4096)
#define BLOCK	UINT64_C(0x200000)
#define GIB	(UINT64_C(1) << 30)

#define IS_BLOCK       UINT64_C(1)
#define IS_TABLE       UINT64_C(3)	  /* in the last table: is a page */
#define TYPE_DEVICE    (UINT64_C(1) << 2) /* which of the attributes below */
#define READ_ONLY      (UINT64_C(1) << 7)
#define INNER_SHARED   (UINT64_C(3) << 8)
#define ACCESSED       (UINT64_C(1) << 10)
#define NEVER_EXECUTED (UINT64_C(3) << 53)

#define MEMORY (INNER_SHARED | ACCESSED | NEVER_EXECUTED)
#define DEVICE (TYPE_DEVICE | ACCESSED | NEVER_EXECUTED)
#define CODE   (INNER_SHARED | ACCESSED | READ_ONLY)

/* Normal memory, written back; devices, in order and without early acknowledgement. */
#define ATTRIBUTES UINT64_C(0x00ff)

#define TABLE __attribute__((__aligned__(4096), __section__(".bss.uc_page_tables")))

static uint64_t root[UC_ARM_ROOT_ENTRIES] TABLE;
static uint64_t devices[ENTRIES] TABLE; /* the first GiB */
static uint64_t memory[ENTRIES] TABLE;	/* the GiB of the image */
static uint64_t pages[ENTRIES] TABLE;	/* the 2 MiB in which it begins */

static void fill_pages(uint64_t start)
{
	for (uint64_t i = 0; i < ENTRIES; i++) {
		uint64_t address = start + i * PAGE;
		bool is_code =
			address >= (uintptr_t)uc_image_start && address < (uintptr_t)uc_text_end;

		pages[i] = address | IS_TABLE | (is_code ? CODE : MEMORY);
	}
	if ((uintptr_t)uc_stack_guard - start < BLOCK)
		pages[((uintptr_t)uc_stack_guard - start) / PAGE] = 0;
}

void uc_arm_page_tables_init(void)
{
	uint64_t gib = (uintptr_t)uc_image_start / GIB * GIB;
	uint64_t first = (uintptr_t)uc_image_start / BLOCK * BLOCK;

	fill_pages(first);
	for (uint64_t i = 0; i < ENTRIES; i++)
		memory[i] = (gib + i * BLOCK) | IS_BLOCK | MEMORY;
	memory[(first - gib) / BLOCK] = (uintptr_t)pages | IS_TABLE;
	/* Code beyond the first 2 MiB stays writable. */
	for (uint64_t at = first + BLOCK; at < (uintptr_t)uc_text_end; at += BLOCK)
		memory[(at - gib) / BLOCK] &= ~NEVER_EXECUTED;
	root[0] = (uintptr_t)devices | IS_TABLE;
	root[gib / GIB] = (uintptr_t)memory | IS_TABLE;
	uc_arm_translation_start(root, ATTRIBUTES);
}

/* In the first GiB. */
static bool map_block(uint64_t address, uint64_t kind)
{
	if (address >= GIB || address < BLOCK)
		return false;
	devices[address / BLOCK] = (address / BLOCK * BLOCK) | IS_BLOCK | kind;
	uc_arm_translation_flush();
	return true;
}

bool uc_arm_map_device(uint64_t address)
{
	return map_block(address, DEVICE);
}

bool uc_arm_map_shared(uint64_t address)
{
	return map_block(address, MEMORY) || uc_arm_map_memory(address);
}

bool uc_arm_map_memory(uint64_t address)
{
	if (address < GIB || address / GIB >= UC_ARM_ROOT_ENTRIES)
		return false;
	if (!root[address / GIB]) {
		root[address / GIB] = (address / GIB * GIB) | IS_BLOCK | MEMORY;
		uc_arm_translation_flush();
	}
	return true;
}
