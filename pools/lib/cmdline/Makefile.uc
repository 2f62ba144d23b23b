# SPDX-License-Identifier: BSD-3-Clause

SRCS-y += option.c parse.c
