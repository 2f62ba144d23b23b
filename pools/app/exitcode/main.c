/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	char *end;
	long code;

	if (argc < 2)
		return 0;
	code = strtol(argv[1], &end, 10);
	if (*end || end == argv[1] || code < 0 || code > 255) {
		printf("not an exit code from 0 to 255: %s\n", argv[1]);
		return 2;
	}
	return (int)code;
}
