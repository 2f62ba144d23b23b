/* SPDX-License-Identifier: BSD-3-Clause */
/* Page tables: memory is mapped where it is. Intel SDM 3A, 4.5. entry.S made the first version. */
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

extern uint64_t kvm_pdpt[], kvm_directories[], kvm_first_pages[];

static uint64_t no_execute(void)
{
	return read_msr(MSR_EFER) & EFER_NO_EXECUTE ? NO_EXECUTE : 0;
}

void paging_init(void)
{
	uint64_t start = (uintptr_t)kvm_image_start;
	uint64_t text_end = (uintptr_t)kvm_text_end;
	uint64_t data = PRESENT | WRITABLE | no_execute();

	/* Pages of 4 KiB where the image begins; code beyond 2 MiB stays as it is. */
	for (uint64_t i = 0; i < ENTRIES; i++) {
		uint64_t address = i * PAGE;
		bool is_text = address >= start && address < text_end;

		kvm_first_pages[i] = address | (is_text ? PRESENT : data);
	}
	kvm_first_pages[0] = 0;
	if ((uintptr_t)kvm_stack_guard < DIRECTORY)
		kvm_first_pages[(uintptr_t)kvm_stack_guard / PAGE] = 0;
	kvm_directories[0] = (uintptr_t)kvm_first_pages | PRESENT | WRITABLE;
	for (uint64_t i = 1; i < ENTRIES; i++)
		if (i * DIRECTORY >= text_end)
			kvm_directories[i] |= no_execute();
	__asm__ volatile("mov %%cr3, %%rax; mov %%rax, %%cr3" : : : "rax", "memory");
}

uint64_t paging_extend(uint64_t end, void *(*take_page)(void))
{
	bool has_1_gib = cpuid(LEAF_FEATURES).d & FEATURE_1_GIB;
	uint64_t flags = LARGE | PRESENT | WRITABLE | no_execute();
	uint64_t at;

	for (at = 4 * GIB; at < end && at / GIB < ENTRIES; at += GIB) {
		if (has_1_gib) {
			kvm_pdpt[at / GIB] = at | flags;
			continue;
		}

		uint64_t *directory = take_page();

		if (!directory)
			break;
		for (uint64_t i = 0; i < ENTRIES; i++)
			directory[i] = (at + i * DIRECTORY) | flags;
		kvm_pdpt[at / GIB] = (uintptr_t)directory | PRESENT | WRITABLE;
	}
	return at < end ? at : end;
}
