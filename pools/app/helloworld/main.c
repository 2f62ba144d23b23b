/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>

int main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	puts(CONFIG_APPHELLOWORLD_GREETING);
	return 0;
}
