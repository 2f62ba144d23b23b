/* SPDX-License-Identifier: BSD-3-Clause */
/* The start as a PVH guest: an HVM guest without firmware. */
#include <uc/arch/pvh.h>
#include <uc/arch/system.h>
#include <uc/boot.h>

#include "hypercall.h"
#include "xen.h"

void *xen_page_of_frame(uint64_t frame)
{
	return (void *)(frame * XEN_PAGE_SIZE);
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
	xen_hvm_init();
	xen_start();
}
