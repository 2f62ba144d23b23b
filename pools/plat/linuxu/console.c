/* SPDX-License-Identifier: BSD-3-Clause */
#include <uc/plat.h>

#include "linuxu.h"
#include "syscall.h"

#define INPUT  0
#define OUTPUT 1

#define ERROR_PIPE 32

/* Input is polled for only once someone reads, and until it ends. */
static enum {
	UNREAD,
	READ,
	ENDED
} input;

static bool poll_now(int fd, int16_t events, const struct linux_timespec *timeout)
{
	struct linux_pollfd poll = { .fd = fd, .events = events };

	return syscall5(SYS_ppoll, (long)&poll, 1, (long)timeout, 0, 8) > 0;
}

void uc_plat_console_write(const char *s, size_t n)
{
	while (n > 0) {
		long written = syscall3(SYS_write, OUTPUT, (long)s, (long)n);

		if (written == -ERROR_INTR)
			continue;
		if (written == -ERROR_AGAIN) {
			poll_now(OUTPUT, LINUX_POLLOUT, NULL);
			continue;
		}
		if (written <= 0)
			return;
		s += written;
		n -= (size_t)written;
	}
}

bool console_is_read(void)
{
	return input == READ;
}

int uc_plat_console_read(char *s, size_t n)
{
	static const struct linux_timespec no_wait;

	if (input == ENDED)
		return -ERROR_PIPE;
	input = READ;
	if (!poll_now(INPUT, LINUX_POLLIN, &no_wait))
		return 0;

	long length = syscall3(SYS_read, INPUT, (long)s, n > INT32_MAX ? INT32_MAX : (long)n);

	if (length == -ERROR_INTR || length == -ERROR_AGAIN || (length == 0 && n == 0))
		return 0;
	if (length <= 0) {
		input = ENDED;
		return -ERROR_PIPE;
	}
	return (int)length;
}

/* A claim is the first that is read: one byte at a time, as what comes after it is the
 * application's. */
int uc_plat_claim_read(char *s, size_t n)
{
	return uc_plat_console_read(s, n > 0);
}

void uc_plat_claimed(void)
{
	if (input == READ)
		input = UNREAD;
}
