# SPDX-License-Identifier: GPL-2.0-or-later
SRCS-y += context.S setjmp.S registers.c
SRCS-$(CONFIG_ARCH_ARM64_SYSTEM) += entry.S exceptions.c vectors.S
