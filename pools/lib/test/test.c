/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <string.h>
#include <uc/test.h>

/* The linker makes these for a section whose name is a C identifier. */
extern const struct uc_test *const __start_uc_tests[] __attribute__((__weak__));
extern const struct uc_test *const __stop_uc_tests[] __attribute__((__weak__));

/* The running test. */
static bool failed;
static const char *skipped;

static size_t count_linked(void)
{
	return ((uintptr_t)__stop_uc_tests - (uintptr_t)__start_uc_tests) /
	       sizeof(*__start_uc_tests);
}

static bool is_selected(const struct uc_test *test, const char *filter)
{
	return !filter || strstr(test->name, filter);
}

static unsigned int count_selected(const char *filter)
{
	unsigned int count = 0;

	for (size_t i = 0; i < count_linked(); i++)
		count += is_selected(__start_uc_tests[i], filter);
	return count;
}

int uc_test_run(const char *filter)
{
	unsigned int count = count_selected(filter);
	unsigned int number = 0;
	unsigned int failures = 0;

	printf("TAP version 13\n1..%u\n", count);
	for (size_t i = 0; i < count_linked(); i++) {
		const struct uc_test *test = __start_uc_tests[i];

		if (!is_selected(test, filter))
			continue;
		failed = false;
		skipped = NULL;
		test->run();
		failures += failed;
		printf("%sok %u - %s%s%s\n", failed ? "not " : "", ++number, test->name,
		       skipped ? " # SKIP " : "", skipped ? skipped : "");
	}
	printf("# %u tests, %u failed\n", count, failures);
	return failures > 0 || count == 0;
}

void uc_test_skip(const char *reason)
{
	skipped = reason;
}

bool uc_test_expect(bool holds, const char *expression, const char *file, int line)
{
	if (!holds) {
		failed = true;
		printf("# %s:%d: %s does not hold\n", file, line, expression);
	}
	return holds;
}

bool uc_test_expect_equal(uintmax_t actual, uintmax_t expected, const char *expression,
			  const char *file, int line)
{
	if (actual != expected) {
		failed = true;
		printf("# %s:%d: %s is %jd (0x%jx), expected %jd (0x%jx)\n", file, line, expression,
		       (intmax_t)actual, actual, (intmax_t)expected, expected);
	}
	return actual == expected;
}

bool uc_test_expect_string(const char *actual, const char *expected, const char *expression,
			   const char *file, int line)
{
	bool equal = actual && expected ? strcmp(actual, expected) == 0 : actual == expected;

	if (!equal) {
		failed = true;
		printf("# %s:%d: %s is \"%s\", expected \"%s\"\n", file, line, expression, actual,
		       expected);
	}
	return equal;
}
