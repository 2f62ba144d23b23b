/* SPDX-License-Identifier: BSD-3-Clause */
/* Pages that other domains grant to us. */
#include <uc/xen/grant.h>

#include <xen/errno.h>
#include <xen/grant_table.h>
#include <xen/memory.h>

#include "hypercall.h"
#include "xen.h"
#ifdef CONFIG_XEN_PV
#include "pv_memory.h"
#endif

/* What Xen says of one operation (enum grant_status). An entry that grants nothing, or less than
 * was asked for, is a general error. */
static int error_of(long result, int16_t status)
{
	if (result)
		return (int)result;
	switch (status) {
	case GNTST_okay:
		return 0;
	case GNTST_general_error:
	case GNTST_bad_domain:
	case GNTST_bad_gntref:
	case GNTST_permission_denied:
		return -XEN_EACCES;
	case GNTST_no_device_space:
		return -XEN_ENOSPC;
	case GNTST_eagain:
		return -XEN_EAGAIN;
	default:
		return -XEN_EINVAL;
	}
}

/* Gives a page of ours back to Xen, or takes one, by XENMEM_*. Not for PV: elsewhere, what is
 * mapped over a page would lose it. */
static int exchange(unsigned int operation, const void *page)
{
	xen_pfn_t frame = (uintptr_t)page / XEN_PAGE_SIZE;
	struct xen_memory_reservation one = { .nr_extents = 1, .domid = DOMID_SELF };
	long done;

	set_xen_guest_handle(one.extent_start, &frame);
	done = xen_hypercall2(__HYPERVISOR_memory_op, operation, &one);
	return done == 1 ? 0 : done < 0 ? (int)done : -XEN_ENOMEM;
}

/* Takes our page away: a PV guest's processor must forget it before another is there. */
static int take_away(void *page)
{
#ifdef CONFIG_XEN_PV
	if (xen_guest.frames)
		return pv_map(page, 0, PV_NOTHING);
#endif
	return exchange(XENMEM_decrease_reservation, page);
}

static int put_back(void *page)
{
#ifdef CONFIG_XEN_PV
	if (xen_guest.frames)
		return pv_map(page, xen_frame_of(page) * XEN_PAGE_SIZE, PV_WRITE);
#endif
	return exchange(XENMEM_populate_physmap, page);
}

int uc_xen_grant_map(struct uc_xen_mapping *mapping, uint16_t domain, uint32_t reference,
		     bool writable, void *page)
{
	struct gnttab_map_grant_ref map = { .host_addr = (uintptr_t)page,
					    .flags = GNTMAP_host_map |
						     (writable ? 0 : GNTMAP_readonly),
					    .ref = reference,
					    .dom = domain };
	int error = take_away(page);
	long result;

	if (error)
		return error;
	result = xen_hypercall3(__HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, (long)&map, 1);
	error = error_of(result, map.status);
	if (error) {
		put_back(page);
		return error;
	}
	mapping->page = page;
	mapping->handle = map.handle;
	return 0;
}

int uc_xen_grant_unmap(struct uc_xen_mapping *mapping)
{
	struct gnttab_unmap_grant_ref unmap = { .host_addr = (uintptr_t)mapping->page,
						.handle = mapping->handle };
	long result = xen_hypercall3(__HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref,
				     (long)&unmap, 1);
	int error = error_of(result, unmap.status);

	return error ? error : put_back(mapping->page);
}

static struct gnttab_copy_ptr local(const void *address)
{
	return (struct gnttab_copy_ptr){
		.u.gmfn = xen_frame_of(address),
		.domid = DOMID_SELF,
		.offset = (uint16_t)((uintptr_t)address % XEN_PAGE_SIZE),
	};
}

static struct gnttab_copy_ptr granted(uint16_t domain, uint32_t reference, uint16_t offset)
{
	return (struct gnttab_copy_ptr){ .u.ref = reference, .domid = domain, .offset = offset };
}

static int copy(struct gnttab_copy_ptr from, struct gnttab_copy_ptr to, size_t n, uint16_t flags)
{
	struct gnttab_copy copy = {
		.source = from, .dest = to, .len = (uint16_t)n, .flags = flags
	};
	long result;

	if (n > XEN_PAGE_SIZE || from.offset + n > XEN_PAGE_SIZE || to.offset + n > XEN_PAGE_SIZE)
		return -XEN_EINVAL;
	result = xen_hypercall3(__HYPERVISOR_grant_table_op, GNTTABOP_copy, (long)&copy, 1);
	return error_of(result, copy.status);
}

int uc_xen_grant_read(uint16_t domain, uint32_t reference, uint16_t offset, void *to, size_t n)
{
	return copy(granted(domain, reference, offset), local(to), n, GNTCOPY_source_gref);
}

int uc_xen_grant_write(uint16_t domain, uint32_t reference, uint16_t offset, const void *from,
		       size_t n)
{
	return copy(local(from), granted(domain, reference, offset), n, GNTCOPY_dest_gref);
}
