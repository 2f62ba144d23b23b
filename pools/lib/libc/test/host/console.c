/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "fakes.h"
#include "host.h"
#include "ours.h"

int ours_printf(const char *format, ...);
int ours_fprintf(void *file, const char *format, ...);
int ours_puts(const char *s);
int ours_putchar(int c);
size_t ours_fwrite(const void *data, size_t size, size_t count, void *file);
void ours_perror(const char *s);
char *ours_strerror(int error);
extern void *const ours_stdout;
extern void *const ours_stderr;

static unsigned long cases;

static void expect_console(const char *text)
{
	CHECK(console_length == strlen(text) && memcmp(console_text, text, console_length) == 0,
	      "\"%.*s\" is not \"%s\"", (int)console_length, console_text, text);
	console_length = 0;
	cases++;
}

unsigned long test_console(void)
{
	char line[1000];

	console_length = 0;
	CHECK(ours_printf("%s %d\n", "answer", 42) == 10, "printf");
	expect_console("answer 42\n");
	CHECK(ours_fprintf(ours_stderr, "%c%5.2d|", 'x', 3) == 7, "fprintf");
	expect_console("x   03|");
	CHECK(ours_puts("line") >= 0 && ours_putchar('c') == 'c', "puts");
	expect_console("line\nc");
	CHECK(ours_fwrite("abcdef", 2, 3, ours_stdout) == 3, "fwrite");
	expect_console("abcdef");
	CHECK(ours_fwrite("", (size_t)-1, 2, ours_stdout) == 0, "fwrite");
	expect_console("");
	ours_errno = ENOMEM;
	ours_perror("here");
	expect_console("here: Out of memory\n");
	CHECK(strcmp(ours_strerror(-1), ours_strerror(4000)) == 0, "strerror");

	/* Longer than any buffer, in one piece, and in many. */
	memset(line, 'l', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	CHECK(ours_printf("%s", line) == (int)sizeof(line) - 1, "printf");
	expect_console(line);
	for (size_t n = 1; n < sizeof(line); n += 7) {
		char expected[1000];
		int length = snprintf(expected, sizeof(expected), "<%.*s|%.*s>", (int)n / 3, line,
				      (int)n / 2, line);

		CHECK(ours_printf("<%.*s|%.*s>", (int)n / 3, line, (int)n / 2, line) == length,
		      "%zu", n);
		expect_console(expected);
	}
	return cases;
}
