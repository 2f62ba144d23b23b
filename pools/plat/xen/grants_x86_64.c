/* SPDX-License-Identifier: BSD-3-Clause */
#include "xen.h"

/* Over the pages that the image has here. */
void *xen_grant_table_place(void)
{
	static char pages[CONFIG_XEN_GRANT_FRAMES][XEN_PAGE_SIZE]
		__attribute__((__aligned__(4096)));

	return pages;
}
