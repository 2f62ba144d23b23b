/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>
#include <uc/test.h>
#include <uc/xen/grant.h>

#include "test_xen.h"

/* A PVH guest cannot map a page of its own a second time: two.c maps that of another. */
static char ours[4096] __attribute__((__aligned__(4096)));
static char theirs[4096] __attribute__((__aligned__(4096)));

UC_TEST(what_is_granted_for_reading_cannot_be_written)
{
	int reference = uc_xen_grant(own_domain(), ours, false);
	struct uc_xen_mapping mapping;
	char text[8] = "";

	strcpy(ours, "before");
	UC_EXPECT_EQ(uc_xen_grant_map(&mapping, own_domain(), (uint32_t)reference, true, theirs),
		     -EACCES);
	/* The page that was to be replaced is there. */
	strcpy(theirs, "mine");
	UC_EXPECT_STR(theirs, "mine");
	UC_EXPECT_EQ(uc_xen_grant_write(own_domain(), (uint32_t)reference, 0, "after", 6), -EACCES);
	UC_EXPECT_EQ(uc_xen_grant_read(own_domain(), (uint32_t)reference, 0, text, 7), 0);
	UC_EXPECT_STR(text, "before");
	UC_EXPECT_EQ(uc_xen_grant_end((uint32_t)reference), 0);
}

UC_TEST(bytes_are_copied_without_a_mapping)
{
	int reference = uc_xen_grant(own_domain(), ours, true);

	memset(ours, 'x', sizeof(ours));
	UC_EXPECT_EQ(uc_xen_grant_write(own_domain(), (uint32_t)reference, 100, "abc", 3), 0);
	UC_EXPECT_EQ(memcmp(ours + 98, "xxabcxx", 7), 0);
	UC_EXPECT_EQ(uc_xen_grant_read(own_domain(), (uint32_t)reference, 4095, theirs, 2),
		     -EINVAL);
	UC_EXPECT_EQ(uc_xen_grant_end((uint32_t)reference), 0);
}

UC_TEST(a_reference_that_ended_is_worth_nothing)
{
	int reference = uc_xen_grant(own_domain(), ours, true);
	char byte;

	UC_EXPECT_EQ(uc_xen_grant_end((uint32_t)reference), 0);
	UC_EXPECT_EQ(uc_xen_grant_end((uint32_t)reference), -EINVAL);
	UC_EXPECT_EQ(uc_xen_grant_read(own_domain(), (uint32_t)reference, 0, &byte, 1), -EACCES);
	UC_EXPECT_EQ(uc_xen_grant_end(0), -EINVAL);
	UC_EXPECT_EQ(uc_xen_grant_end(UINT32_MAX), -EINVAL);
}

UC_TEST(references_are_used_again_and_have_an_end)
{
	static int references[CONFIG_XEN_GRANT_FRAMES * 512];
	unsigned int made = 0;
	int last;

	while ((last = uc_xen_grant(own_domain(), ours, true)) > 0)
		references[made++] = last;
	UC_EXPECT_EQ(last, -ENOSPC);
	/* All but the first eight, which are the toolstack's. */
	UC_EXPECT_EQ(made, CONFIG_XEN_GRANT_FRAMES * 512 - 8);
	while (made > 0)
		UC_EXPECT_EQ(uc_xen_grant_end((uint32_t)references[--made]), 0);
	last = uc_xen_grant(own_domain(), ours, true);
	UC_EXPECT(last > 0);
	UC_EXPECT_EQ(uc_xen_grant_end((uint32_t)last), 0);
}
