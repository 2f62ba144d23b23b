/* SPDX-License-Identifier: BSD-3-Clause */
/* The types of POSIX that this C library's interfaces use. */
#ifndef _SYS_TYPES_H
#define _SYS_TYPES_H

#include <stddef.h>
#include <stdint.h>

typedef long ssize_t;
typedef int64_t off_t;
typedef int64_t time_t;
typedef int clockid_t;
typedef long suseconds_t;

#endif /* _SYS_TYPES_H */
