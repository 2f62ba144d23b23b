/* SPDX-License-Identifier: BSD-3-Clause */
/* The start as a PVH guest: an HVM guest without firmware. */
#include <uc/arch/pvh.h>
#include <uc/arch/system.h>
#include <uc/boot.h>
#include <uc/panic.h>

#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/memory.h>

#include "hypercall.h"
#include "xen.h"

/* Its memory is given up: Xen's shared page takes its place. */
static char shared_page[XEN_PAGE_SIZE] __attribute__((__aligned__(4096)));

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

void uc_x86_start(uint32_t eax, uint32_t ebx)
{
	const struct uc_pvh_start_info *info = (const struct uc_pvh_start_info *)(uintptr_t)ebx;

	(void)eax;
	/* Without hypercalls there is no way to say anything. */
	if (!xen_hypercall_init_pvh())
		for (;;)
			__asm__ volatile("cli; hlt");
	uc_x86_exceptions_init();
	uc_x86_page_tables_init();
	uc_x86_page_access(xen_hypercall_page, UC_X86_EXECUTE);
	xen_guest.command_line = uc_boot_copy_line((const char *)info->command_line);
	uc_x86_pvh_memory(info);
	map_shared_page();
	xen_guest.console = page(parameter(HVM_PARAM_CONSOLE_PFN));
	xen_guest.console_port = (evtchn_port_t)parameter(HVM_PARAM_CONSOLE_EVTCHN);
	xen_guest.store = page(parameter(HVM_PARAM_STORE_PFN));
	xen_guest.store_port = (evtchn_port_t)parameter(HVM_PARAM_STORE_EVTCHN);
	xen_start();
}
