/* SPDX-License-Identifier: BSD-3-Clause */
/* What a guest with page tables of its own has to ask for: PVH on x86, and any on ARM. */
#include <stdint.h>
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

/* A page that the toolstack has made; NULL if it has not, or not yet: Xen without a dom0 says all
 * ones then. */
static void *shared_with(uint32_t index)
{
	uint64_t frame = parameter(index);

	return frame && frame != UINT64_MAX ? xen_page_of_frame(frame) : NULL;
}

void xen_hvm_init(void)
{
	map_shared_page();
	xen_guest.console = shared_with(HVM_PARAM_CONSOLE_PFN);
	xen_guest.console_port = (evtchn_port_t)parameter(HVM_PARAM_CONSOLE_EVTCHN);
	xen_guest.store = shared_with(HVM_PARAM_STORE_PFN);
	xen_guest.store_port = (evtchn_port_t)parameter(HVM_PARAM_STORE_EVTCHN);
}
