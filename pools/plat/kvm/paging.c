/* SPDX-License-Identifier: BSD-3-Clause */
/* Page tables: memory is mapped where it is. Intel SDM 3A, 4.5. entry.S maps the image only. */
#include "kvm.h"
#include "ports.h"

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

extern uint64_t kvm_pml4[], kvm_pdpt[], kvm_directories[], kvm_first_pages[];

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
	uint64_t start = (uintptr_t)kvm_image_start;
	uint64_t text_end = (uintptr_t)kvm_text_end;
	uint64_t data = PRESENT | WRITABLE | no_execute();

	for (uint64_t i = 0; i < ENTRIES; i++) {
		uint64_t address = i * PAGE;
		bool is_text = address >= start && address < text_end;

		kvm_first_pages[i] = address | (is_text ? PRESENT : data);
	}
	if ((uintptr_t)kvm_stack_guard < DIRECTORY)
		kvm_first_pages[(uintptr_t)kvm_stack_guard / PAGE] = 0;
}

/* All is written before it is used: with shadow page tables, each later change is an exit. */
void paging_init(void)
{
	uint64_t text_end = (uintptr_t)kvm_text_end;
	uint64_t flags = LARGE | PRESENT | WRITABLE | no_execute();
	bool wide = cpuid(LEAF_FEATURES).d & FEATURE_1_GIB;

	fill_first_pages();
	fill(kvm_directories, 0, flags);
	kvm_directories[0] = (uintptr_t)kvm_first_pages | PRESENT | WRITABLE;
	/* Code beyond the first 2 MiB stays writable. */
	for (uint64_t i = 1; i * DIRECTORY < text_end; i++)
		kvm_directories[i] = i * DIRECTORY | LARGE | PRESENT | WRITABLE;
	kvm_pdpt[0] = (uintptr_t)kvm_directories | PRESENT | WRITABLE;
	for (uint64_t i = 1; i < 4; i++) {
		uint64_t *directory = kvm_directories + i * ENTRIES;

		kvm_pdpt[i] = wide ? i * GIB | flags : (uintptr_t)directory | PRESENT | WRITABLE;
		if (!wide)
			fill(directory, i * GIB, flags);
	}
	kvm_pml4[0] = (uintptr_t)kvm_pdpt | PRESENT | WRITABLE;
	__asm__ volatile("mov %%cr3, %%rax; mov %%rax, %%cr3" : : : "rax", "memory");
}

void paging_unmap_null(void)
{
	kvm_first_pages[0] = 0;
	__asm__ volatile("invlpg (%0)" : : "r"(0ul) : "memory");
}

uint64_t paging_extend(uint64_t end, void *(*take_page)(void))
{
	bool wide = cpuid(LEAF_FEATURES).d & FEATURE_1_GIB;
	uint64_t flags = LARGE | PRESENT | WRITABLE | no_execute();
	uint64_t at;

	for (at = 4 * GIB; at < end && at / GIB < ENTRIES; at += GIB) {
		if (wide) {
			kvm_pdpt[at / GIB] = at | flags;
			continue;
		}

		uint64_t *directory = take_page();

		if (!directory)
			break;
		fill(directory, at, flags);
		kvm_pdpt[at / GIB] = (uintptr_t)directory | PRESENT | WRITABLE;
	}
	return at < end ? at : end;
}
