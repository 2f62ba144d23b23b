/* SPDX-License-Identifier: BSD-3-Clause */
/* The start as a PVH guest: an HVM guest without firmware, entered as
 * public/arch-x86/hvm/start_info.h describes. */
#include <stdint.h>
#include <uc/panic.h>

#include <xen/arch-x86/hvm/start_info.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/memory.h>

#include "hypercall.h"
#include "xen.h"

/* Of the linker script: where the image ends. */
extern char xen_image_end[];

/* Its memory is given up: Xen's shared page takes its place. */
static char shared_page[XEN_PAGE_SIZE] __attribute__((__aligned__(4096)));

/* What the static page tables of start_pvh.S map. */
#define MAPPED_BYTES (UINT64_C(4) << 30)

/* The map's types, as e820's: public/arch-x86/hvm/start_info.h. */
#define TYPE_RAM XEN_HVM_MEMMAP_TYPE_RAM

/* A parameter that the toolstack has set for this guest; 0 if it has not. */
static uint64_t parameter(uint32_t index)
{
	struct xen_hvm_param param = { .domid = DOMID_SELF, .index = index };

	return xen_hypercall2(__HYPERVISOR_hvm_op, HVMOP_get_param, &param) ? 0 : param.value;
}

static void *page(uint64_t frame)
{
	return frame ? (void *)(frame * XEN_PAGE_SIZE) : NULL;
}

static void map_shared_page(void)
{
	struct xen_add_to_physmap map = { .domid = DOMID_SELF,
					  .space = XENMAPSPACE_shared_info,
					  .idx = 0,
					  .gpfn = (uintptr_t)shared_page / XEN_PAGE_SIZE };

	if (xen_hypercall2(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, &map))
		uc_panic("Xen does not give its shared page");
	xen_guest.shared = (shared_info_t *)shared_page;
}

/* The range that holds the image goes on behind it: that is what is free. Others are not used. */
static void find_memory(const struct hvm_start_info *info)
{
	const struct hvm_memmap_table_entry *map = (const void *)info->memmap_paddr;
	uintptr_t start = ((uintptr_t)xen_image_end + XEN_PAGE_SIZE - 1) & ~(XEN_PAGE_SIZE - 1);
	uint64_t taken[] = { info->memmap_paddr + info->memmap_entries * sizeof(*map),
			     (uintptr_t)info + sizeof(*info), info->cmdline_paddr + XEN_PAGE_SIZE };

	if (info->version < 1)
		return;
	for (uint32_t i = 0; i < info->memmap_entries; i++) {
		uint64_t end = map[i].addr + map[i].size;

		if (map[i].type != TYPE_RAM || start < map[i].addr || start >= end)
			continue;
		xen_guest.memory_end =
			(end < MAPPED_BYTES ? end : MAPPED_BYTES) & ~(XEN_PAGE_SIZE - 1);
	}
	/* What Xen's builder put behind the image stays as it is. */
	for (unsigned int i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		if (taken[i] > start && taken[i] <= xen_guest.memory_end)
			start = (taken[i] + XEN_PAGE_SIZE - 1) & ~(XEN_PAGE_SIZE - 1);
	xen_guest.memory_start = start < xen_guest.memory_end ? start : xen_guest.memory_end;
}

void xen_start_pvh(void *start_info)
{
	const struct hvm_start_info *info = start_info;

	if (info->magic != XEN_HVM_START_MAGIC_VALUE || !xen_hypercall_init_pvh())
		for (;;)
			__asm__ volatile("cli; hlt");
	map_shared_page();
	xen_guest.console = page(parameter(HVM_PARAM_CONSOLE_PFN));
	xen_guest.console_port = (evtchn_port_t)parameter(HVM_PARAM_CONSOLE_EVTCHN);
	xen_guest.store = page(parameter(HVM_PARAM_STORE_PFN));
	xen_guest.store_port = (evtchn_port_t)parameter(HVM_PARAM_STORE_EVTCHN);
	if (info->cmdline_paddr)
		xen_guest.command_line = (char *)info->cmdline_paddr;
	find_memory(info);
	xen_start();
}
