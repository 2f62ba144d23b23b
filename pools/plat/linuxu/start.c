/* SPDX-License-Identifier: BSD-3-Clause */
#include <stddef.h>
#include <uc/boot.h>
#include <uc/plat.h>

#include "linuxu.h"
#include "syscall.h"

static char **environment_words;

const char *environment(const char *name)
{
	for (char **word = environment_words; *word; word++) {
		const char *have = *word;
		const char *want = name;

		while (*want && *have == *want) {
			have++;
			want++;
		}
		if (!*want && *have == '=')
			return have + 1;
	}
	return NULL;
}

int parse_number(const char *s, uint64_t *out)
{
	uint64_t value = 0;

	if (!*s)
		return -22;
	for (; *s; s++) {
		if (*s < '0' || *s > '9' || __builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*s - '0'), &value))
			return -22;
	}
	*out = value;
	return 0;
}

/* Called by _start with the stack that the kernel made. */
__attribute__((__noreturn__)) void linuxu_start(long *stack);

void linuxu_start(long *stack)
{
	int argc = (int)stack[0];
	char **argv = (char **)(stack + 1);

	environment_words = argv + argc + 1;
	clock_init();
	signals_init();
	uc_boot(argc, argv);
}

/* The inherited descriptor on which a launcher waits for bytes, -1 if there is none. */
static int report_fd(void)
{
	const char *text = environment("UC_READY_FD");
	uint64_t fd;

	return text && parse_number(text, &fd) == 0 && fd <= INT32_MAX ? (int)fd : -1;
}

/* Gives up system calls, and tells how far it has come; see plat/README.md. */
static int report(const char *byte)
{
	int fd = report_fd();

#ifdef CONFIG_LINUXU_SECCOMP
	static bool confined;

	if (!confined)
		confine(fd);
	confined = true;
#endif
	if (fd >= 0)
		syscall3(SYS_write, fd, (long)byte, 1);
	return fd;
}

void uc_plat_parked(void)
{
	report("P");
}

void uc_plat_ready(void)
{
	int fd = report("R");

	if (fd >= 0)
		syscall1(SYS_close, fd);
}
