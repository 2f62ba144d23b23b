/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>
#include <uc/cmdline.h>
#include <uc/test.h>

static struct uc_cmdline cmdline;
static char *words[8];

static int parse(const char *text)
{
	static char line[128];

	strlcpy(line, text, sizeof(line));
	return uc_cmdline_parse(&cmdline, line, words, 8);
}

UC_TEST(cuts_and_unquotes)
{
	UC_EXPECT_EQ(parse(" a\t'b  \"c\"' \"d\\\"e\\f\" g\\ h '' i"), 0);
	UC_REQUIRE(cmdline.argc == 6);
	UC_EXPECT_STR(cmdline.argv[0], "a");
	UC_EXPECT_STR(cmdline.argv[1], "b  \"c\"");
	UC_EXPECT_STR(cmdline.argv[2], "d\"e\\f");
	UC_EXPECT_STR(cmdline.argv[3], "g h");
	UC_EXPECT_STR(cmdline.argv[4], "");
	UC_EXPECT_STR(cmdline.argv[5], "i");
	UC_EXPECT(!cmdline.argv[6]);
}

UC_TEST(sets_options_apart)
{
	UC_EXPECT_EQ(parse("one uc.a=1 two uc.b -- uc.c -- three"), 0);
	UC_EXPECT_EQ(cmdline.option_count, 2);
	UC_REQUIRE(cmdline.argc == 5);
	UC_EXPECT_STR(cmdline.argv[1], "two");
	UC_EXPECT_STR(cmdline.argv[2], "uc.c");
	UC_EXPECT_STR(cmdline.argv[3], "--");
	UC_EXPECT_STR(cmdline.words[0], "uc.a=1");
	UC_EXPECT_STR(cmdline.words[1], "uc.b");
}

UC_TEST(refuses_more_words_than_there_is_room)
{
	UC_EXPECT_EQ(parse("1 2 3 4 5 6 7"), 0);
	UC_EXPECT_EQ(parse("1 2 3 4 5 6 7 8"), -E2BIG);
	UC_EXPECT_EQ(cmdline.argc, 7);
	UC_EXPECT(!cmdline.argv[7]);
}

UC_TEST(reads_typed_options)
{
	uint64_t size = 0;
	int64_t number = 3;
	bool on = false;

	UC_EXPECT_EQ(parse("uc.size=64M uc.number=-5 uc.on uc.bad=x"), 0);
	uc_cmdline_set(&cmdline);
	UC_EXPECT_EQ(uc_option_size("size", &size), 0);
	UC_EXPECT_EQ(size, 64 << 20);
	UC_EXPECT_EQ(uc_option_int("number", -5, 5, &number), 0);
	UC_EXPECT_EQ(number, -5);
	UC_EXPECT_EQ(uc_option_int("number", 0, 5, &number), -ERANGE);
	UC_EXPECT_EQ(uc_option_bool("on", &on), 0);
	UC_EXPECT(on);
	UC_EXPECT_EQ(uc_option_bool("bad", &on), -EINVAL);
	UC_EXPECT_EQ(uc_option_size("none", &size), -ENOENT);
	uc_cmdline_set(NULL);
}
