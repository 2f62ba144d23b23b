/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include "file.h"

int fputs(const char *restrict s, FILE *restrict file)
{
	file_write(file, s, strlen(s));
	return 0;
}

int puts(const char *s)
{
	fputs(s, stdout);
	file_write(stdout, "\n", 1);
	return 0;
}

int fputc(int c, FILE *file)
{
	char byte = (char)c;

	file_write(file, &byte, 1);
	return (unsigned char)c;
}

int putc(int c, FILE *file)
{
	return fputc(c, file);
}

int putchar(int c)
{
	return fputc(c, stdout);
}

void perror(const char *s)
{
	const char *text = strerror(errno);

	if (s && *s) {
		fputs(s, stderr);
		fputs(": ", stderr);
	}
	fputs(text, stderr);
	file_write(stderr, "\n", 1);
}
