# SPDX-License-Identifier: BSD-3-Clause

SRCS-y += alloc.c
