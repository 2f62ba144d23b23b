# SPDX-License-Identifier: GPL-2.0-or-later
SRCS-y += context.S setjmp.S registers.c
SRCS-y += eabi/bits.c eabi/convert.c eabi/divide.c eabi/divide_entry.S
SRCS-$(CONFIG_ARCH_ARM_SYSTEM) += entry.S exceptions.c vectors.S
