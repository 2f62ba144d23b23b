/* SPDX-License-Identifier: BSD-3-Clause */
/* What a FILE is: a name for the console. Private to the C library. */
#ifndef LIBC_STDIO_FILE_H
#define LIBC_STDIO_FILE_H

#include <stddef.h>
#include <stdio.h>

struct uc_file {
	int descriptor; /* 1 for stdout, 2 for stderr, as in POSIX */
};

/** Hands n bytes to what the file stands for. */
void file_write(FILE *file, const char *s, size_t n);

#endif /* LIBC_STDIO_FILE_H */
