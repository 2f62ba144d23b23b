/* SPDX-License-Identifier: BSD-3-Clause */
/* Compares this C library with the host's, case by case, with random arguments. */
#include "host.h"
#include "ours.h"

static const struct {
	const char *name;
	unsigned long (*run)(void);
} tests[] = {
	{ "string functions", test_strings },  { "memory blocks", test_memory },
	{ "numbers from text", test_numbers }, { "character classes", test_characters },
	{ "formatted output", test_formats },  { "floating-point output", test_doubles },
	{ "console output", test_console },    { "sorting and searching", test_sorting },
};

int main(void)
{
	for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++)
		printf("ok %zu - %s: %lu cases\n", i + 1, tests[i].name, tests[i].run());
	printf("1..%zu\n", sizeof(tests) / sizeof(*tests));
	return 0;
}
