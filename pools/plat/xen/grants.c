/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of what we grant. Its first entries are the toolstack's (public/grant_table.h). */
#include <uc/xen/grant.h>

#include <xen/errno.h>
#include <xen/grant_table.h>
#include <xen/memory.h>

#include "hypercall.h"
#include "xen.h"
#ifdef CONFIG_XEN_PV
#include "pv_memory.h"
#endif

#define FRAMES	CONFIG_XEN_GRANT_FRAMES
#define ENTRIES (FRAMES * XEN_PAGE_SIZE / sizeof(struct grant_entry_v1))

/* Where Xen's pages are mapped. */
static union {
	char frames[FRAMES][XEN_PAGE_SIZE];
	struct grant_entry_v1 entries[ENTRIES];
} * table;

/* The free references: a list, each leads to the next; 0 is none. */
static uint16_t next_free[ENTRIES];
static uint16_t first_free;

static int map_frame_hvm(unsigned int i)
{
	struct xen_add_to_physmap map = { .domid = DOMID_SELF,
					  .space = XENMAPSPACE_grant_table,
					  .idx = i,
					  .gpfn = xen_frame_of(table->frames[i]) };

	return (int)xen_hypercall2(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, &map);
}

static int map_frames_pv(void)
{
#ifdef CONFIG_XEN_PV
	xen_pfn_t frames[FRAMES];
	struct gnttab_setup_table setup = { .dom = DOMID_SELF, .nr_frames = FRAMES };
	int error;

	set_xen_guest_handle(setup.frame_list, frames);
	error = (int)xen_hypercall3(__HYPERVISOR_grant_table_op, GNTTABOP_setup_table, (long)&setup,
				    1);
	if (!error && setup.status != GNTST_okay)
		error = -XEN_ENOMEM;
	for (unsigned int i = 0; !error && i < FRAMES; i++)
		error = pv_map(table->frames[i], frames[i] * XEN_PAGE_SIZE, PV_WRITE);
	return error;
#else
	return -XEN_ENOSYS;
#endif
}

/* On the first use: most guests have none. */
static int init(void)
{
	static bool done;
	int error = 0;

	if (done)
		return 0;
	table = xen_grant_table_place();
	if (!table)
		return -XEN_ENXIO;
	if (xen_guest.frames)
		error = map_frames_pv();
	for (unsigned int i = 0; !xen_guest.frames && !error && i < FRAMES; i++)
		error = map_frame_hvm(i);
	if (error)
		return error;
	for (unsigned int i = ENTRIES - 1; i >= GNTTAB_NR_RESERVED_ENTRIES; i--) {
		next_free[i] = first_free;
		first_free = (uint16_t)i;
	}
	done = true;
	return 0;
}

int uc_xen_grant(uint16_t domain, const void *page, bool writable)
{
	int error = init();
	uint16_t reference = first_free;
	struct grant_entry_v1 *entry;

	if (error)
		return error;
	if (!reference)
		return -XEN_ENOSPC;
	entry = &table->entries[reference];
	first_free = next_free[reference];
	entry->domid = domain;
	entry->frame = (uint32_t)xen_frame_of(page);
	/* From now on it counts. */
	__atomic_store_n(&entry->flags,
			 (uint16_t)(GTF_permit_access | (writable ? 0 : GTF_readonly)),
			 __ATOMIC_RELEASE);
	return reference;
}

int uc_xen_grant_end(uint32_t reference)
{
	struct grant_entry_v1 *entry;
	uint16_t flags;

	if (!table || reference < GNTTAB_NR_RESERVED_ENTRIES || reference >= ENTRIES)
		return -XEN_EINVAL;
	entry = &table->entries[reference];
	flags = __atomic_load_n(&entry->flags, __ATOMIC_ACQUIRE);
	do {
		if ((flags & GTF_type_mask) != GTF_permit_access)
			return -XEN_EINVAL;
		if (flags & (GTF_reading | GTF_writing))
			return -XEN_EBUSY;
	} while (!__atomic_compare_exchange_n(&entry->flags, &flags, 0, false, __ATOMIC_ACQ_REL,
					      __ATOMIC_ACQUIRE));
	next_free[reference] = first_free;
	first_free = (uint16_t)reference;
	return 0;
}
