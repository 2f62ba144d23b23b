# SPDX-License-Identifier: GPL-2.0-or-later
SRCS-y += start.c clock.c console.c events.c memory.c shutdown.c signals.c
# System calls and signal frames are the architecture's.
SRCS-y += $(arch)/start.S $(arch)/trap_context.c
CINCLUDES-y := $(arch)
SRCS-$(CONFIG_LINUXU_SECCOMP) += confine.c
LDSCRIPT-y := linuxu.lds
PROVIDES-y += platform
