/* SPDX-License-Identifier: BSD-3-Clause */
#include <stddef.h>
#include <uc/boot.h>
#include <uc/panic.h>

#ifdef CONFIG_LIBBOOT_ARGUMENTS
#define LINE_MAX CONFIG_LIBBOOT_COMMAND_LINE
#else
#define LINE_MAX 1
#endif

char *uc_boot_copy_line(const char *from)
{
	static char line[LINE_MAX];
	unsigned int n = 0;

	if (!from || LINE_MAX == 1)
		return line;
	while (n < LINE_MAX - 1 && from[n]) {
		line[n] = from[n];
		n++;
	}
	if (from[n])
		uc_panic("the command line has more than %d bytes", LINE_MAX - 1);
	return line;
}
