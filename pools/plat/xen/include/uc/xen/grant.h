/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Grant tables, version 1: pages that one domain lets another use (Xen's public/grant_table.h).
 * Errors are negative errnos. Addresses are those of pages: memory that is mapped one to one, as
 * all memory of uc_plat_memory is, and aligned to 4096.
 */
#ifndef UC_XEN_GRANT_H
#define UC_XEN_GRANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Lets a domain use a page. The reference, above 0, which the domain has to be told; -ENOSPC if
 * all are in use (CONFIG_XEN_GRANT_FRAMES); another error if Xen gives no table.
 */
int uc_xen_grant(uint16_t domain, const void *page, bool writable);

/**
 * Ends that. 0: the page is ours alone again. -EBUSY: the domain still has it mapped, and nothing
 * has changed.
 */
int uc_xen_grant_end(uint32_t reference);

/** A page of another domain. The owner keeps the memory until uc_xen_grant_unmap. */
struct uc_xen_mapping {
	void *page;
	/* For the platform alone. */
	uint32_t handle;
};

/**
 * Maps a page that a domain has granted in place of a page of ours, whose content is lost. 0,
 * -EACCES if it is not granted so, or another error. What is in it may change at any time: copy
 * before checking.
 */
int uc_xen_grant_map(struct uc_xen_mapping *mapping, uint16_t domain, uint32_t reference,
		     bool writable, void *page);

/** Takes it away, and puts a page of ours there again, of any content. 0 or an error. */
int uc_xen_grant_unmap(struct uc_xen_mapping *mapping);

/**
 * Copies up to a page between a page that a domain has granted, from an offset on, and memory of
 * ours that does not cross the end of a page. 0; -EACCES if it is not granted so; -EINVAL.
 */
int uc_xen_grant_read(uint16_t domain, uint32_t reference, uint16_t offset, void *to, size_t n);
int uc_xen_grant_write(uint16_t domain, uint32_t reference, uint16_t offset, const void *from,
		       size_t n);

#ifdef __cplusplus
}
#endif

#endif /* UC_XEN_GRANT_H */
