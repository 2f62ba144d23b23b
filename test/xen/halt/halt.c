// SPDX-License-Identifier: BSD-3-Clause
/*
 * Preloaded into the toolstack of a test's dom0: stops the process that makes
 * the first call that /run/test-halt names, before the call or after it. The
 * file is then /run/test-halt.held, and holds the process's number.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PLACE "/run/test-halt"
#define HELD  PLACE ".held"

static void halt_at(const char *when, const char *function)
{
	char wanted[64], found[64];
	int length, file = open(PLACE, O_RDONLY | O_CLOEXEC);

	if (file < 0)
		return;
	length = read(file, found, sizeof(found) - 1);
	close(file);
	if (length < 0)
		return;
	found[length] = '\0';
	snprintf(wanted, sizeof(wanted), "%s %s\n", when, function);
	if (strcmp(found, wanted) != 0)
		return;
	file = open(PLACE, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (file < 0)
		return;
	dprintf(file, "%d\n", getpid());
	close(file);
	if (rename(PLACE, HELD) == 0)
		raise(SIGSTOP);
}

/* None of these takes more than six words, which all are in registers. */
#define HALT(name)                                                       \
	long name(long a, long b, long c, long d, long e, long f)        \
	{                                                                \
		static long (*next)(long, long, long, long, long, long); \
		long result;                                             \
                                                                         \
		if (!next)                                               \
			*(void **)&next = dlsym(RTLD_NEXT, #name);       \
		halt_at("before", #name);                                \
		result = next(a, b, c, d, e, f);                         \
		halt_at("after", #name);                                 \
		return result;                                           \
	}                                                                \
	long name(long a, long b, long c, long d, long e, long f)

HALT(xc_domain_create);
HALT(xs_introduce_domain);
HALT(xc_domain_unpause);
HALT(xc_domain_destroy);
