# SPDX-License-Identifier: BSD-3-Clause

PROVIDES-y := libc

SRCS-y += stdio/file.c stdio/format.c stdio/printf.c stdio/puts.c stdio/snprintf.c
SRCS-y += stdlib/arithmetic.c stdlib/ctype.c stdlib/errno.c stdlib/exit.c stdlib/memory.c
SRCS-y += stdlib/sort.c stdlib/strtol.c
SRCS-y += string/compare.c string/copy.c string/duplicate.c string/find.c string/length.c
SRCS-y += string/memchr.c string/memcmp.c string/memcpy.c string/memmove.c string/memset.c
SRCS-y += string/strerror.c string/strstr.c string/token.c

SRCS-$(CONFIG_LIBC_PRINTF_FLOAT) += stdio/double.c
SRCS-$(CONFIG_LIBTIME) += stdlib/clock.c

# The loops of memcpy and its kin must not become calls of memcpy and its kin.
CFLAGS-y += -fno-tree-loop-distribute-patterns
