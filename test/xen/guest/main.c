/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints its arguments, one a line, and then does what the first one says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uc/boot.h>
#include <uc/console.h>
#include <uc/panic.h>
#include <uc/plat.h>

static void echo(void)
{
	char input[64];

	while (!uc_stop_requested()) {
		int count = uc_console_read(input, sizeof(input));

		if (count > 0)
			uc_console_write(input, (size_t)count);
		else
			uc_plat_idle_until(UC_PLAT_NEVER);
	}
}

int main(int argc, char **argv)
{
	uc_boot_handle_stop(true);
	for (int i = 1; i < argc; i++)
		printf("argument %d: <%s>\n", i, argv[i]);
	if (argc < 2)
		return 0;
	if (strncmp(argv[1], "exit=", 5) == 0)
		return (int)strtol(argv[1] + 5, NULL, 10);
	if (strcmp(argv[1], "crash") == 0)
		uc_panic("as it was told");
	if (strcmp(argv[1], "echo") == 0)
		echo();
	while (strcmp(argv[1], "hold") == 0 && !uc_stop_requested())
		uc_plat_idle_until(UC_PLAT_NEVER);
	return 0;
}
