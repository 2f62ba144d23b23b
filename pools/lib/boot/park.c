/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Parking: a unikernel that was given uc.park waits before main, until a line arrives that ends
 * with a zero byte. The line replaces its command line. See plat/README.md.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <uc/boot.h>
#include <uc/cmdline.h>
#include <uc/panic.h>
#include <uc/plat.h>

#include "boot.h"

/* A note of type 7 tells what an image can do: support/README.md. */
__asm__(".pushsection .note.unicore, \"a\", %note\n"
	"	.balign 4\n"
	"	.long 8, 5, 7\n"
	"	.asciz \"Unicore\"\n"
	"	.asciz \"park\"\n"
	"	.balign 4\n"
	"	.popsection\n");

static int read_line(char *line, size_t size)
{
	for (size_t n = 0;;) {
		int count = uc_plat_claim_read(line + n, size - n);

		if (count < 0)
			return count;
		if (count == 0) {
			uc_plat_idle_until(UC_PLAT_NEVER);
			continue;
		}
		n += (size_t)count;
		if (line[n - 1] == '\0')
			return 0;
		if (n == size)
			return -E2BIG;
	}
}

struct arguments arguments_after_parking(struct arguments arguments)
{
	static char line[CONFIG_LIBBOOT_PARK_LINE];
	bool park = false;

	if (uc_option_bool("park", &park) || !park)
		return arguments;
	uc_plat_parked();
	int error = read_line(line, sizeof(line));
	if (error)
		uc_panic("cannot read what to do after parking: error %d", -error);

	char *name = arguments.argv[0];
	arguments = arguments_of_line(line, name);
	uc_option_string("name", (const char **)&arguments.argv[0]);
	uc_plat_claimed();
	return arguments;
}
