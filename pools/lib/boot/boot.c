/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdbool.h>
#include <uc/boot.h>
#include <uc/plat.h>

#include "boot.h"

#ifdef CONFIG_LIBBOOT_TIMES
static struct uc_boot_times times;

#define NOTE_TIME(phase) (times.phase = uc_plat_monotonic_ns())

const struct uc_boot_times *uc_boot_times(void)
{
	return &times;
}
#else
#define NOTE_TIME(phase) ((void)0)
#endif

__attribute__((__noreturn__)) static void run(struct arguments arguments)
{
	NOTE_TIME(platform);
	constructors_run();
	NOTE_TIME(constructors);
#ifdef CONFIG_LIBBOOT_PARK
	arguments = arguments_after_parking(arguments);
#endif
	uc_plat_ready();
	uc_shutdown(main(arguments.argc, arguments.argv));
}

void uc_boot(int argc, char **argv)
{
#ifdef CONFIG_LIBBOOT_ARGUMENTS
	run(arguments_of_words(argc, argv));
#else
	if (argc > 1)
		argv[1] = (char *)0;
	run((struct arguments){ .argc = argc > 0, .argv = argv });
#endif
}

void uc_boot_line(char *line)
{
	static char name[] = UC_APP_NAME;

#ifdef CONFIG_LIBBOOT_ARGUMENTS
	run(arguments_of_line(line, name));
#else
	static char *argv[] = { name, (char *)0 };

	(void)line;
	run((struct arguments){ .argc = 1, .argv = argv });
#endif
}

void uc_shutdown(int code)
{
	static bool ending;

	if (!ending) {
		ending = true;
		constructors_undo();
	}
	uc_plat_shutdown(code);
}
