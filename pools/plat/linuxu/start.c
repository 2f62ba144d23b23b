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

/* Gives up system calls, once, and returns the descriptor to tell on how far it has come, or -1. */
static int prepare_report(void)
{
	int fd = report_fd();

#ifdef CONFIG_LINUXU_SECCOMP
	static bool confined;

	if (!confined)
		confine(fd);
	confined = true;
#endif
	return fd;
}

static bool has_parked;

void uc_plat_parked(void)
{
	int fd = prepare_report();

	has_parked = true;
	if (fd >= 0)
		syscall3(SYS_write, fd, (long)"P", 1);
}

/* The nanoseconds since entry follow the byte; see plat/README.md. */
void uc_plat_ready(void)
{
	int fd = prepare_report();
	/* How long one was parked is no part of its boot. */
	uint64_t elapsed = has_parked ? 0 : uc_plat_monotonic_ns() - uc_plat_entry_ns();
	uint8_t bytes[1 + sizeof(elapsed)] = "R";

	if (fd < 0)
		return;
	for (unsigned int i = 1; i < sizeof(bytes); i++) {
		bytes[i] = (uint8_t)elapsed;
		elapsed >>= 8;
	}
	syscall3(SYS_write, fd, (long)bytes, sizeof(bytes));
	syscall1(SYS_close, fd);
}
