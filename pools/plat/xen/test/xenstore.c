/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>
#include <uc/plat.h>
#include <uc/test.h>
#include <uc/xenstore.h>

#define NONE UC_XENSTORE_NO_TRANSACTION

UC_TEST(a_value_is_read_as_it_was_written)
{
	char value[16];

	UC_EXPECT_EQ(uc_xenstore_write(NONE, "data/value", "some text"), 0);
	UC_EXPECT_EQ(uc_xenstore_read(NONE, "data/value", value, sizeof(value)), 9);
	UC_EXPECT_STR(value, "some text");
	UC_EXPECT_EQ(uc_xenstore_read(NONE, "data/value", value, 5), 9);
	UC_EXPECT_STR(value, "some");
	UC_EXPECT_EQ(uc_xenstore_write_number(NONE, "data/value", 18446744073709551615u), 0);
	uc_xenstore_read(NONE, "data/value", value, sizeof(value));
	UC_EXPECT_STR(value, "184467440737095");
	UC_EXPECT_EQ(uc_xenstore_remove(NONE, "data/value"), 0);
	UC_EXPECT_EQ(uc_xenstore_read(NONE, "data/value", value, sizeof(value)), -ENOENT);
	UC_EXPECT_EQ(uc_xenstore_write(NONE, "/local/domain/0/of-others", "x"), -EACCES);
}

UC_TEST(a_folder_tells_its_names_and_goes_with_all_below_it)
{
	char names[16];

	UC_EXPECT_EQ(uc_xenstore_write(NONE, "data/folder/a", "1"), 0);
	UC_EXPECT_EQ(uc_xenstore_write(NONE, "data/folder/bc", "2"), 0);
	UC_EXPECT_EQ(uc_xenstore_directory(NONE, "data/folder", names, sizeof(names)), 5);
	UC_EXPECT(memcmp(names, "a\0bc", 5) == 0 || memcmp(names, "bc\0a", 5) == 0);
	UC_EXPECT_EQ(uc_xenstore_remove(NONE, "data/folder"), 0);
	UC_EXPECT_EQ(uc_xenstore_read(NONE, "data/folder/a", names, sizeof(names)), -ENOENT);
}

static void wait_for(struct uc_xenstore_watch *watch)
{
	while (!watch->fired) {
		uc_plat_idle_until(UC_PLAT_NEVER);
		uc_xenstore_poll();
	}
	watch->fired = false;
}

UC_TEST(a_watch_fires_when_it_is_set_and_at_each_change_below)
{
	struct uc_xenstore_watch watch = { .path = "data/watched" };

	UC_EXPECT_EQ(uc_xenstore_watch(&watch), 0);
	wait_for(&watch);
	UC_EXPECT_EQ(uc_xenstore_write(NONE, "data/watched/below", "1"), 0);
	wait_for(&watch);
	UC_EXPECT_EQ(uc_xenstore_unwatch(&watch), 0);
	watch.fired = false;
	UC_EXPECT_EQ(uc_xenstore_write(NONE, "data/watched/below", "2"), 0);
	/* What a watch says comes before the next reply. */
	UC_EXPECT_EQ(uc_xenstore_remove(NONE, "data/watched"), 0);
	UC_EXPECT(!watch.fired);
}

UC_TEST(a_transaction_is_seen_as_a_whole_or_not_at_all)
{
	char value[8];
	uint32_t transaction;

	UC_EXPECT_EQ(uc_xenstore_write(NONE, "data/whole", "old"), 0);
	UC_EXPECT_EQ(uc_xenstore_begin(&transaction), 0);
	UC_EXPECT_EQ(uc_xenstore_write(transaction, "data/whole", "new"), 0);
	uc_xenstore_read(NONE, "data/whole", value, sizeof(value));
	UC_EXPECT_STR(value, "old");
	uc_xenstore_read(transaction, "data/whole", value, sizeof(value));
	UC_EXPECT_STR(value, "new");
	UC_EXPECT_EQ(uc_xenstore_end(transaction, false), 0);
	uc_xenstore_read(NONE, "data/whole", value, sizeof(value));
	UC_EXPECT_STR(value, "old");
	UC_EXPECT_EQ(uc_xenstore_write(transaction, "data/whole", "late"), -ENOENT);
}

/* Counts up; at the first attempt, someone else does, too. */
static int count_up(uint32_t transaction, void *argument)
{
	unsigned int *attempts = argument;
	char value[8];

	if (uc_xenstore_read(transaction, "data/count", value, sizeof(value)) != 1)
		return -EIO;
	if (++*attempts == 1)
		UC_EXPECT_EQ(uc_xenstore_write(NONE, "data/count", "5"), 0);
	return uc_xenstore_write_number(transaction, "data/count", (uint64_t)(value[0] - '0') + 1);
}

UC_TEST(a_transaction_that_another_change_disturbs_is_done_again)
{
	unsigned int attempts = 0;
	char value[8];

	UC_EXPECT_EQ(uc_xenstore_write(NONE, "data/count", "1"), 0);
	UC_EXPECT_EQ(uc_xenstore_transaction(count_up, &attempts), 0);
	UC_EXPECT_EQ(attempts, 2);
	uc_xenstore_read(NONE, "data/count", value, sizeof(value));
	UC_EXPECT_STR(value, "6");
}

static int refuse(uint32_t transaction, void *argument)
{
	(void)argument;
	uc_xenstore_write(transaction, "data/count", "9");
	return -ECANCELED;
}

UC_TEST(a_transaction_whose_function_refuses_changes_nothing)
{
	char value[8];

	UC_EXPECT_EQ(uc_xenstore_write(NONE, "data/count", "1"), 0);
	UC_EXPECT_EQ(uc_xenstore_transaction(refuse, NULL), -ECANCELED);
	uc_xenstore_read(NONE, "data/count", value, sizeof(value));
	UC_EXPECT_STR(value, "1");
}
