/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory blocks and strings: the C standard's functions, and those of POSIX and the BSDs that
 * programs take for granted. Each behaves as its standard says; only deviations are noted here.
 */
#ifndef _STRING_H
#define _STRING_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

void *memcpy(void *restrict dst, const void *restrict src, size_t n);
void *mempcpy(void *restrict dst, const void *restrict src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *s, int c, size_t n);
void *memrchr(const void *s, int c, size_t n);

/** Sets n bytes to zero; the compiler may not drop the call, so it is fit for keys. */
void explicit_bzero(void *dst, size_t n);

size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);

char *strcpy(char *restrict dst, const char *restrict src);
char *stpcpy(char *restrict dst, const char *restrict src);
char *strncpy(char *restrict dst, const char *restrict src, size_t n);
char *strcat(char *restrict dst, const char *restrict src);
char *strncat(char *restrict dst, const char *restrict src, size_t n);

/** Copies at most size - 1 bytes and always terminates (size > 0). Returns strlen(src). */
size_t strlcpy(char *restrict dst, const char *restrict src, size_t size);
/** Appends within size bytes in all. Returns the length it tried to make. */
size_t strlcat(char *restrict dst, const char *restrict src, size_t size);

int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
/** There is only the C locale, in which collation is strcmp. */
int strcoll(const char *a, const char *b);

char *strchr(const char *s, int c);
char *strchrnul(const char *s, int c);
char *strrchr(const char *s, int c);
/** Linear in the length of both strings, in constant space. */
char *strstr(const char *haystack, const char *needle);
size_t strspn(const char *s, const char *accept);
size_t strcspn(const char *s, const char *reject);
char *strpbrk(const char *s, const char *accept);
char *strtok(char *restrict s, const char *restrict delimiters);
char *strtok_r(char *restrict s, const char *restrict delimiters, char **restrict state);
char *strsep(char **restrict s, const char *restrict delimiters);

/** Copies into memory from malloc. NULL and ENOMEM without memory, or without an allocator. */
char *strdup(const char *s);
char *strndup(const char *s, size_t n);

/** The text of an error number; for an unknown one "Unknown error". Never NULL. */
char *strerror(int error);

#ifdef __cplusplus
}
#endif

#endif /* _STRING_H */
