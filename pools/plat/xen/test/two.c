/* SPDX-License-Identifier: BSD-3-Clause */
/* Two guests that share a page. Whoever starts them carries what one says in xenstore to the other.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uc/plat.h>
#include <uc/xen/event.h>
#include <uc/xen/grant.h>
#include <uc/xenstore.h>

#include "test_xen.h"

static char page[4096] __attribute__((__aligned__(4096)));

static int fail(const char *what, int error)
{
	printf("%s: %d\n", what, error);
	return 1;
}

int offer(uint16_t domain)
{
	struct uc_xen_event event = { 0 };
	int error = uc_xen_event_allocate(&event, domain);
	int reference = uc_xen_grant(domain, page, true);
	char text[32];

	if (error || reference < 0)
		return fail("offer", error ? error : reference);
	snprintf(page, sizeof(page), "from %d", own_domain());
	snprintf(text, sizeof(text), "%d %d %u", own_domain(), reference, event.port);
	uc_xenstore_write(UC_XENSTORE_NO_TRANSACTION, "data/offer", text);
	while (strcmp(page, "answered") != 0)
		uc_xen_event_wait(&event, UC_PLAT_NEVER);
	while ((error = uc_xen_grant_end((uint32_t)reference)) == -EBUSY)
		uc_xen_event_wait(&event, UC_PLAT_NEVER);
	uc_xen_event_close(&event);
	printf("the page came back\n");
	return error ? fail("end", error) : 0;
}

/* Three numbers: domain, reference, port. */
static void wait_for_offer(long *numbers)
{
	struct uc_xenstore_watch watch = { .path = "data/use" };
	char text[32];
	char *next = text;

	uc_xenstore_watch(&watch);
	while (uc_xenstore_read(UC_XENSTORE_NO_TRANSACTION, "data/use", text, sizeof(text)) <= 0) {
		uc_plat_idle_until(UC_PLAT_NEVER);
		uc_xenstore_poll();
	}
	uc_xenstore_unwatch(&watch);
	for (unsigned int i = 0; i < 3; i++)
		numbers[i] = strtol(next, &next, 10);
}

int use(void)
{
	struct uc_xen_event event = { 0 };
	struct uc_xen_mapping mapping;
	long numbers[3];
	int error;

	strcpy(page, "before");
	wait_for_offer(numbers);
	error = uc_xen_event_bind(&event, (uint16_t)numbers[0], (uint32_t)numbers[2]);
	if (error)
		return fail("bind", error);
	error = uc_xen_grant_map(&mapping, (uint16_t)numbers[0], (uint32_t)numbers[1], true, page);
	if (error)
		return fail("map", error);
	printf("the page says: %s\n", page);
	strcpy(page, "answered");
	uc_xen_event_send(&event);
	error = uc_xen_grant_unmap(&mapping);
	uc_xen_event_send(&event);
	uc_xen_event_close(&event);
	/* What is written now stays here: the page is our own again. */
	strcpy(page, "mine");
	if (strcmp(page, "mine") != 0)
		return fail("own page", 0);
	return error ? fail("unmap", error) : 0;
}
