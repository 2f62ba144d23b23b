/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Formatted output. stdout and stderr both write to the console; nothing is buffered from one
 * call to the next, so nothing is lost when the unikernel stops.
 *
 * Conversions: d i u o x X c s p and %%, with the flags - + space # 0, width, precision and the
 * length modifiers hh h l ll j z t. With CONFIG_LIBC_PRINTF_FLOAT also f F e E g G, exactly
 * rounded. Anything else, %n included, stops the output and makes the call return -1 with EINVAL.
 */
#ifndef _STDIO_H
#define _STDIO_H

#include <stdarg.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define EOF    (-1)
#define BUFSIZ 128

typedef struct uc_file FILE;

extern FILE *const stdout;
extern FILE *const stderr;
#define stdout stdout
#define stderr stderr

#define __UC_PRINTF(format, first) __attribute__((__format__(__printf__, format, first)))

int printf(const char *restrict format, ...) __UC_PRINTF(1, 2);
int fprintf(FILE *restrict file, const char *restrict format, ...) __UC_PRINTF(2, 3);
int sprintf(char *restrict dst, const char *restrict format, ...) __UC_PRINTF(2, 3);
int snprintf(char *restrict dst, size_t size, const char *restrict format, ...) __UC_PRINTF(3, 4);
int vprintf(const char *restrict format, va_list args) __UC_PRINTF(1, 0);
int vfprintf(FILE *restrict file, const char *restrict format, va_list args) __UC_PRINTF(2, 0);
int vsprintf(char *restrict dst, const char *restrict format, va_list args) __UC_PRINTF(2, 0);
int vsnprintf(char *restrict dst, size_t size, const char *restrict format, va_list args)
	__UC_PRINTF(3, 0);

int puts(const char *s);
int fputs(const char *restrict s, FILE *restrict file);
int putchar(int c);
int putc(int c, FILE *file);
int fputc(int c, FILE *file);
size_t fwrite(const void *restrict data, size_t size, size_t count, FILE *restrict file);
/** Does nothing and returns 0: output is never held back. */
int fflush(FILE *file);
/** Writes "s: the text of errno" to the console. */
void perror(const char *s);

#ifdef __cplusplus
}
#endif

#endif /* _STDIO_H */
