# SPDX-License-Identifier: GPL-2.0-or-later
SRCS-y += start.c clock.c console.c events.c memory.c shutdown.c signals.c
SRCS-$(CONFIG_ARCH_X86_64) += start_x86_64.S
SRCS-$(CONFIG_LINUXU_SECCOMP) += confine.c
LDSCRIPT-y := linuxu.lds
PROVIDES-y += platform
