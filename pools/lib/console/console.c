/* SPDX-License-Identifier: BSD-3-Clause */
#include <uc/console.h>
#include <uc/plat.h>

void uc_console_write(const char *s, size_t n)
{
	uc_plat_console_write(s, n);
}

int uc_console_read(char *s, size_t n)
{
	return uc_plat_console_read(s, n);
}
