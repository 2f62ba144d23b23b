/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <uc/plat.h>
#include <uc/test.h>
#include <uc/xen/event.h>

#include "test_xen.h"

#define MILLISECOND UINT64_C(1000000)

static unsigned int handled;

static void on_event(struct uc_xen_event *event)
{
	(void)event;
	handled++;
}

UC_TEST(an_event_is_seen_once_at_the_other_end)
{
	struct uc_xen_event here = { 0 }, there = { 0 };

	UC_EXPECT_EQ(uc_xen_event_allocate(&here, own_domain()), 0);
	UC_EXPECT_EQ(uc_xen_event_bind(&there, own_domain(), here.port), 0);
	/* Binding raises an event at its own end: one may have been lost before. */
	UC_EXPECT(uc_xen_event_take(&there));
	UC_EXPECT(!uc_xen_event_take(&there));
	UC_EXPECT(!uc_xen_event_take(&here));
	UC_EXPECT_EQ(uc_xen_event_send(&here), 0);
	UC_EXPECT(uc_xen_event_take(&there));
	UC_EXPECT(!uc_xen_event_take(&there));
	UC_EXPECT(!uc_xen_event_take(&here));
	UC_EXPECT_EQ(uc_xen_event_send(&there), 0);
	UC_EXPECT(uc_xen_event_wait(&here, UC_PLAT_NEVER));
	uc_xen_event_close(&there);
	uc_xen_event_close(&here);
	UC_EXPECT_EQ(here.port, 0);
}

UC_TEST(waiting_ends_at_the_deadline)
{
	struct uc_xen_event event = { 0 };
	uint64_t deadline;

	UC_EXPECT_EQ(uc_xen_event_allocate(&event, own_domain()), 0);
	deadline = uc_plat_monotonic_ns() + 20 * MILLISECOND;
	UC_EXPECT(!uc_xen_event_wait(&event, deadline));
	UC_EXPECT(uc_plat_monotonic_ns() >= deadline);
	uc_xen_event_close(&event);
}

UC_TEST(idle_calls_the_handler_of_an_event)
{
	struct uc_xen_event here = { 0 };
	struct uc_xen_event there = { .handler = on_event };

	UC_EXPECT_EQ(uc_xen_event_allocate(&here, own_domain()), 0);
	UC_EXPECT_EQ(uc_xen_event_bind(&there, own_domain(), here.port), 0);
	uc_xen_event_take(&there);
	handled = 0;
	uc_xen_event_send(&here);
	while (handled == 0)
		uc_plat_idle_until(UC_PLAT_NEVER);
	UC_EXPECT_EQ(handled, 1);
	uc_xen_event_close(&there);
	uc_xen_event_close(&here);
}

UC_TEST(a_port_that_nobody_made_cannot_be_bound)
{
	struct uc_xen_event event = { 0 };

	UC_EXPECT(uc_xen_event_bind(&event, own_domain(), 1000) < 0);
	UC_EXPECT_EQ(event.port, 0);
}

UC_TEST(there_are_no_more_channels_than_idle_can_wait_for)
{
	static struct uc_xen_event events[UC_XEN_EVENTS_MAX];
	struct uc_xen_event one_more = { 0 };
	unsigned int made = 0;

	while (made < UC_XEN_EVENTS_MAX && !uc_xen_event_allocate(&events[made], own_domain()))
		made++;
	UC_EXPECT_EQ(made, UC_XEN_EVENTS_MAX);
	UC_EXPECT_EQ(uc_xen_event_allocate(&one_more, own_domain()), -ENOSPC);
	uc_plat_idle_until(uc_plat_monotonic_ns() + MILLISECOND);
	while (made > 0)
		uc_xen_event_close(&events[--made]);
}
