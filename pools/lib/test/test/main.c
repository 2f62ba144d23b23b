/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The tests of the tests. Those named fails_ fail on purpose, to show that a failure is noticed:
 * they run only where the argument asks for them.
 */
#include <stddef.h>
#include <uc/test.h>

UC_TEST(passes_with_expectations_that_hold)
{
	UC_REQUIRE(1 + 1 == 2);
	UC_EXPECT_EQ(-1, -1L);
	UC_EXPECT_STR("a", "a");
	UC_EXPECT_STR(NULL, NULL);
	UC_EXPECT(UC_EXPECT(true) && UC_EXPECT_EQ(3, 3) && UC_EXPECT_STR("", ""));
}

UC_TEST(passes_when_skipped)
{
	uc_test_skip("to show how that looks");
}

UC_TEST(fails_by_expectation)
{
	if (UC_EXPECT(1 > 2) || UC_EXPECT_EQ(1, 2) || UC_EXPECT_STR("a", NULL))
		uc_test_skip("an expectation held that does not");
}

UC_TEST(fails_by_requirement)
{
	UC_REQUIRE(false);
	uc_test_skip("a requirement did not end the test");
}

int main(int argc, char **argv)
{
	return uc_test_run(argc > 1 ? argv[1] : "passes_");
}
