/* SPDX-License-Identifier: BSD-3-Clause */
/* Page tables: memory is mapped where it is. Intel SDM 3A, 4.5. entry.S maps the image only. */
#include <uc/arch/instructions.h>
#include <uc/arch/system.h>

#include "page_tables.h"

#define PRESENT	   UINT64_C(1)
#define WRITABLE   UINT64_C(2)
#define LARGE	   UINT64_C(0x80)
#define NO_EXECUTE (UINT64_C(1) << 63)

#define PAGE	  UINT64_C(4096)
#define DIRECTORY UINT64_C(0x200000) /* what an entry of a directory maps */
#define GIB	  (UINT64_C(1) << 30)
#define ENTRIES	  512

#define MSR_EFER	0xc0000080
#define EFER_NO_EXECUTE 0x800
#define LEAF_FEATURES	0x80000001
#define FEATURE_1_GIB	(1u << 26)

extern uint64_t uc_x86_pml4[], uc_x86_pdpt[], uc_x86_directories[], uc_x86_first_pages[];

static uint64_t no_execute(void)
{
	return read_msr(MSR_EFER) & EFER_NO_EXECUTE ? NO_EXECUTE : 0;
}

static void fill(uint64_t *directory, uint64_t start, uint64_t flags)
{
	for (uint64_t i = 0; i < ENTRIES; i++)
		directory[i] = (start + i * DIRECTORY) | flags;
}

/* The first 2 MiB, where the image begins, by 4 KiB: code that cannot be written, and the guard. */
static void fill_first_pages(void)
{
	uint64_t start = (uintptr_t)uc_image_start;
	uint64_t text_end = (uintptr_t)uc_text_end;
	uint64_t data = PRESENT | WRITABLE | no_execute();

	for (uint64_t i = 0; i < ENTRIES; i++) {
		uint64_t address = i * PAGE;
		bool is_text = address >= start && address < text_end;

		uc_x86_first_pages[i] = address | (is_text ? PRESENT : data);
	}
	if ((uintptr_t)uc_stack_guard < DIRECTORY)
		uc_x86_first_pages[(uintptr_t)uc_stack_guard / PAGE] = 0;
}

/* All is written before it is used: with shadow page tables, each later change is an exit. */
void uc_x86_page_tables_init(void)
{
	uint64_t text_end = (uintptr_t)uc_text_end;
	uint64_t flags = LARGE | PRESENT | WRITABLE | no_execute();
	bool wide = cpuid(LEAF_FEATURES).d & FEATURE_1_GIB;

	fill_first_pages();
	fill(uc_x86_directories, 0, flags);
	uc_x86_directories[0] = (uintptr_t)uc_x86_first_pages | PRESENT | WRITABLE;
	/* Code beyond the first 2 MiB stays writable. */
	for (uint64_t i = 1; i * DIRECTORY < text_end; i++)
		uc_x86_directories[i] = i * DIRECTORY | LARGE | PRESENT | WRITABLE;
	uc_x86_pdpt[0] = (uintptr_t)uc_x86_directories | PRESENT | WRITABLE;
	for (uint64_t i = 1; i < 4; i++) {
		uint64_t *directory = uc_x86_directories + i * ENTRIES;

		uc_x86_pdpt[i] = wide ? i * GIB | flags : (uintptr_t)directory | PRESENT | WRITABLE;
		if (!wide)
			fill(directory, i * GIB, flags);
	}
	uc_x86_pml4[0] = (uintptr_t)uc_x86_pdpt | PRESENT | WRITABLE;
	__asm__ volatile("mov %%cr3, %%rax; mov %%rax, %%cr3" : : : "rax", "memory");
}

void uc_x86_page_access(const void *page, enum uc_x86_access access)
{
	uint64_t address = (uintptr_t)page & ~(PAGE - 1);

	uc_x86_first_pages[address / PAGE] = access == UC_X86_EXECUTE ? address | PRESENT : 0;
	__asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
}

uint64_t x86_page_tables_extend(uint64_t end, void *(*take_page)(void))
{
	bool wide = cpuid(LEAF_FEATURES).d & FEATURE_1_GIB;
	uint64_t flags = LARGE | PRESENT | WRITABLE | no_execute();
	uint64_t at;

	for (at = 4 * GIB; at < end && at / GIB < ENTRIES; at += GIB) {
		if (wide) {
			uc_x86_pdpt[at / GIB] = at | flags;
			continue;
		}

		uint64_t *directory = take_page();

		if (!directory)
			break;
		fill(directory, at, flags);
		uc_x86_pdpt[at / GIB] = (uintptr_t)directory | PRESENT | WRITABLE;
	}
	return at < end ? at : end;
}
