/* SPDX-License-Identifier: BSD-3-Clause */
/* The start as a PV guest, as start_info in public/xen.h describes. */
#include <uc/panic.h>

#include "hypercall.h"
#include "pv_memory.h"
#include "xen.h"

/* Xen's shared page is mapped here, over the page of memory that the image has there. */
static char shared_page[XEN_PAGE_SIZE] __attribute__((__aligned__(4096)));

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

void xen_start_pv(void *start_info)
{
	const start_info_t *info = start_info;

	xen_guest.console = page_of_machine_frame(info->console.domU.mfn);
	xen_guest.console_port = info->console.domU.evtchn;
	xen_guest.store = page_of_machine_frame(info->store_mfn);
	xen_guest.store_port = info->store_evtchn;
	xen_guest.command_line = (char *)info->cmd_line;
	if (pv_map(shared_page, info->shared_info, true))
		uc_panic("Xen does not give its shared page");
	xen_guest.shared = (shared_info_t *)shared_page;
	xen_guest.memory_start = end_of_bootstrap(info);
	xen_guest.memory_end = pv_map_memory(info, &xen_guest.memory_start);
	xen_start();
}
