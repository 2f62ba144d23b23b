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

/* One byte on an inherited descriptor, which a launcher waits for; see plat/README.md. */
void uc_plat_ready(void)
{
	const char *text = environment("UC_READY_FD");
	uint64_t fd;
	bool report = text && parse_number(text, &fd) == 0 && fd <= INT32_MAX;

#ifdef CONFIG_LINUXU_SECCOMP
	confine(report ? (int)fd : -1);
#endif
	if (report) {
		syscall3(SYS_write, (long)fd, (long)"R", 1);
		syscall1(SYS_close, (long)fd);
	}
}
