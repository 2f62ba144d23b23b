/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Unit tests that run as a unikernel:
 *
 *	UC_TEST(adds_two_numbers)
 *	{
 *		UC_EXPECT_EQ(2 + 2, 4);
 *	}
 *
 * A test registers itself in a linker section; uc_test_run runs all that are linked, and prints the
 * Test Anything Protocol, version 13 (https://testanything.org). A failed expectation is told with
 * its place and values, and the test goes on; a failed UC_REQUIRE ends the test.
 */
#ifndef UC_TEST_H
#define UC_TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct uc_test {
	const char *name;
	const char *file;
	void (*run)(void);
};

/* Pointers, because the linker may put gaps between objects of a greater alignment. */
#define UC_TEST(test_name)                                                                     \
	static void test_name(void);                                                           \
	static const struct uc_test uc_test_##test_name = { #test_name, __FILE__, test_name }; \
	static const struct uc_test *const uc_test_pointer_##test_name                         \
		__attribute__((__section__("uc_tests"), __used__)) = &uc_test_##test_name;     \
	static void test_name(void)

/**
 * Runs the tests in the order of the link; those whose name contains `filter` only, if it is not
 * NULL. Returns the exit code: 0 if all passed, 1 if one failed or if there were none.
 */
int uc_test_run(const char *filter);

/** Marks the running test as not applicable here; it counts as passed, and the reason is shown. */
void uc_test_skip(const char *reason);

/* What the macros below call. They return whether the expectation holds. */
bool uc_test_expect(bool holds, const char *expression, const char *file, int line);
bool uc_test_expect_equal(uintmax_t actual, uintmax_t expected, const char *expression,
			  const char *file, int line);
bool uc_test_expect_string(const char *actual, const char *expected, const char *expression,
			   const char *file, int line);

/** The expression is true. */
#define UC_EXPECT(expression) uc_test_expect((bool)(expression), #expression, __FILE__, __LINE__)

/** Two integers are equal, after conversion to uintmax_t. Shown as signed, and in hexadecimal. */
#define UC_EXPECT_EQ(actual, expected)                                                      \
	uc_test_expect_equal((uintmax_t)(actual), (uintmax_t)(expected), #actual, __FILE__, \
			     __LINE__)

/** Two strings are equal. NULL equals NULL only. */
#define UC_EXPECT_STR(actual, expected) \
	uc_test_expect_string((actual), (expected), #actual, __FILE__, __LINE__)

/** As UC_EXPECT, but leaves the test if the expression is false. */
#define UC_REQUIRE(expression)                                                            \
	do {                                                                              \
		if (!uc_test_expect((bool)(expression), #expression, __FILE__, __LINE__)) \
			return;                                                           \
	} while (0)

#ifdef __cplusplus
}
#endif

#endif /* UC_TEST_H */
