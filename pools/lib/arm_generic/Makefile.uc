# SPDX-License-Identifier: GPL-2.0-or-later
SRCS-y += clock.c memory.c page_tables.c
# It runs before address translation is on, when all memory must be accessed aligned.
CFLAGS-page_tables.c-y := $(if $(CONFIG_ARCH_ARM),-mno-unaligned-access,-mstrict-align)
