# SPDX-License-Identifier: GPL-2.0-or-later
SRCS-y += panic.c format.c
SRCS-$(CONFIG_FRAME_POINTERS) += backtrace.c
SRCS-$(CONFIG_LIBPANIC_SYMBOLS) += symbols.c
