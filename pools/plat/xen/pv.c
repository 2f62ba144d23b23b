/* SPDX-License-Identifier: BSD-3-Clause */
/* The start as a PV guest, as start_info in public/xen.h describes. */
#include <uc/arch/system.h>
#include <uc/boot.h>
#include <uc/panic.h>

#include "hypercall.h"
#include "pv_memory.h"
#include "xen.h"

/* Xen's shared page is mapped here, over the page of memory that the image has there. */
static char shared_page[XEN_PAGE_SIZE] __attribute__((__aligned__(4096)));

extern const char xen_pv_trap_entries[];
#define TRAP_ENTRY_SIZE 8

/* The page that Xen names by its machine frame; the builder has mapped it. */
static void *page_of_machine_frame(uint64_t frame)
{
	const uint64_t *physical_frames = (const uint64_t *)MACH2PHYS_VIRT_START;

	return frame ? (void *)(physical_frames[frame] * XEN_PAGE_SIZE) : NULL;
}

static uintptr_t behind(const void *page)
{
	return ((uintptr_t)page & ~(XEN_PAGE_SIZE - 1)) + XEN_PAGE_SIZE;
}

/* What the builder put behind the image: all of it stays as it is. */
static uintptr_t end_of_bootstrap(const start_info_t *info)
{
	uintptr_t end =
		info->pt_base + (info->nr_pt_frames + 1) * XEN_PAGE_SIZE; /* and the stack */
	uintptr_t others[] = {
		behind(info),
		behind((const void *)xen_guest.console),
		behind((const void *)xen_guest.store),
		behind((const char *)info->mfn_list + info->nr_pages * sizeof(uint64_t) - 1),
	};

	for (unsigned int i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (others[i] > end)
			end = others[i];
	return end;
}

/* Exceptions come to where they come on a CPU. The last entry is empty: the end of the table. */
static void set_traps(void)
{
	static trap_info_t traps[UC_X86_EXCEPTIONS + 1];

	for (unsigned int i = 0; i < UC_X86_EXCEPTIONS; i++) {
		traps[i].vector = (uint8_t)i;
		traps[i].cs = FLAT_KERNEL_CS;
		traps[i].address = (uintptr_t)xen_pv_trap_entries + i * TRAP_ENTRY_SIZE;
	}
	xen_hypercall2(__HYPERVISOR_set_trap_table, (long)traps, NULL);
}

/* Called by start_pv.S with the start information. */
void xen_start_pv(void *start_info) __attribute__((__noreturn__));

void xen_start_pv(void *start_info)
{
	const start_info_t *info = start_info;
	uintptr_t free;

	set_traps();
	xen_guest.console = page_of_machine_frame(info->console.domU.mfn);
	xen_guest.console_port = info->console.domU.evtchn;
	xen_guest.store = page_of_machine_frame(info->store_mfn);
	xen_guest.store_port = info->store_evtchn;
	xen_guest.command_line = uc_boot_copy_line((const char *)info->cmd_line);
	pv_memory_init(info);
	pv_protect_image(xen_hypercall_page);
	if (pv_map(shared_page, info->shared_info, PV_WRITE))
		uc_panic("Xen does not give its shared page");
	xen_guest.shared = (shared_info_t *)shared_page;
	/* Nothing lies before the image. */
	uc_x86_memory_add(0, (uintptr_t)uc_image_start);
	free = end_of_bootstrap(info);
	uc_x86_memory_add(free, pv_map_memory(info, &free));
	xen_start();
}
