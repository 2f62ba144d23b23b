/* SPDX-License-Identifier: BSD-3-Clause */
#include <uc/arch/instructions.h>
#include <uc/arch/system.h>

#include "pv_memory.h"

#include "hypercall.h"
#include "xen.h"

/* Bits of an entry, and its address: Intel SDM volume 3, 4.5 (4-level paging). */
#define PRESENT	   0x1ul
#define WRITABLE   0x2ul
#define USER	   0x4ul
#define ACCESSED   0x20ul
#define DIRTY	   0x40ul
#define ADDRESS	   0x000ffffffffff000ul
#define NO_EXECUTE (1ul << 63)

#define PAGE_FLAGS  (PRESENT | WRITABLE | USER | ACCESSED | DIRTY)
#define TABLE_FLAGS (PRESENT | WRITABLE | USER | ACCESSED)

#define ENTRIES	     512
#define SHIFT(level) (12 + 9 * ((level)-1))

/* The builder maps up to a multiple of 4 MiB, with at least 512 KiB behind its last item
 * (public/xen.h). */
#define BUILDER_ALIGNMENT (4ul << 20)
#define BUILDER_PADDING	  (512ul << 10)

/* Of CPUID leaf 0x80000001, edx. */
#define LEAF_FEATURES	   0x80000001
#define FEATURE_NO_EXECUTE (1u << 20)

static uint64_t no_execute;

void pv_memory_init(const start_info_t *info)
{
	xen_guest.frames = (const uint64_t *)info->mfn_list;
	no_execute = cpuid(LEAF_FEATURES).d & FEATURE_NO_EXECUTE ? NO_EXECUTE : 0;
}

static uint64_t flags_of(enum pv_access access)
{
	switch (access) {
	case PV_READ:
		return (PAGE_FLAGS & ~WRITABLE) | no_execute;
	case PV_EXECUTE:
		return PAGE_FLAGS & ~WRITABLE;
	case PV_WRITE:
		return PAGE_FLAGS | no_execute;
	default:
		return 0;
	}
}

int pv_map(void *page, uint64_t machine_address, enum pv_access access)
{
	uint64_t entry = access == PV_NOTHING ? 0 : machine_address | flags_of(access);

	return (int)xen_hypercall3(__HYPERVISOR_update_va_mapping, (long)page, (long)entry,
				   UVMF_INVLPG);
}

static uint64_t machine_address(uintptr_t address)
{
	return xen_frame_of((const void *)address) * XEN_PAGE_SIZE | address % XEN_PAGE_SIZE;
}

void pv_protect_image(const void *code_page)
{
	uintptr_t text_end = (uintptr_t)uc_text_end;

	pv_map(NULL, 0, PV_NOTHING);
	pv_map(uc_stack_guard, 0, PV_NOTHING);
	for (char *page = uc_image_start; page < uc_image_end; page += XEN_PAGE_SIZE) {
		bool is_code = (uintptr_t)page < text_end || page == code_page;

		if (page != uc_stack_guard)
			pv_map(page, machine_address((uintptr_t)page),
			       is_code ? PV_EXECUTE : PV_WRITE);
	}
}

/* Where the guest has the table that an entry points to. */
static uint64_t *table_at(uint64_t entry)
{
	const uint64_t *physical_frames = (const uint64_t *)MACH2PHYS_VIRT_START;

	return (uint64_t *)(physical_frames[(entry & ADDRESS) / XEN_PAGE_SIZE] * XEN_PAGE_SIZE);
}

static bool set_entry(uint64_t *entry, uint64_t value)
{
	struct mmu_update update = {
		.ptr = machine_address((uintptr_t)entry) | MMU_NORMAL_PT_UPDATE, .val = value
	};

	return xen_hypercall4(__HYPERVISOR_mmu_update, (long)&update, 1, 0, DOMID_SELF) == 0;
}

/* Makes a page a table: of 512 pages from an address on if it is of the lowest level, else empty.
 * Its entry, or 0. */
static uint64_t make_table(uintptr_t page, unsigned int level, uintptr_t address, uintptr_t end)
{
	uint64_t *table = (uint64_t *)page;

	for (unsigned int i = 0; i < ENTRIES; i++) {
		uintptr_t mapped = address + i * XEN_PAGE_SIZE;

		table[i] = level == 1 && mapped < end ? machine_address(mapped) | flags_of(PV_WRITE)
						      : 0;
	}
	if (pv_map(table, machine_address(page), PV_READ))
		return 0;
	return machine_address(page) | TABLE_FLAGS;
}

/* Sees to it that the 2 MiB around an address are mapped, with tables taken from *free. */
static bool map_region(uint64_t *top, uintptr_t address, uintptr_t end, uintptr_t *free)
{
	uint64_t *table = top;

	for (unsigned int level = 4; level > 1; level--) {
		uint64_t *entry = &table[address >> SHIFT(level) & (ENTRIES - 1)];

		if (!(*entry & PRESENT)) {
			uint64_t value = make_table(*free, level - 1, address, end);

			if (!value || !set_entry(entry, value))
				return false;
			*free += XEN_PAGE_SIZE;
		}
		table = table_at(*entry);
	}
	return true;
}

uintptr_t pv_map_memory(const start_info_t *info, uintptr_t *free)
{
	uintptr_t end = info->nr_pages * XEN_PAGE_SIZE;
	uintptr_t mapped =
		(*free + BUILDER_PADDING + BUILDER_ALIGNMENT - 1) & ~(BUILDER_ALIGNMENT - 1);

	while (mapped < end) {
		if (!map_region((uint64_t *)info->pt_base, mapped, end, free))
			return mapped;
		mapped += XEN_PAGE_SIZE * ENTRIES;
	}
	return end;
}
