# SPDX-License-Identifier: GPL-2.0-or-later
SRCS-$(CONFIG_ARCH_X86_64) += note_x86_64.S start_x86_64.c shutdown_x86_64.c
SRCS-$(CONFIG_LIBARM_VIRT) += shutdown_arm.c
PROVIDES-y += platform
