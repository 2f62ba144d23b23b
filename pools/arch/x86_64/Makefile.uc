# SPDX-License-Identifier: GPL-2.0-or-later
SRCS-y += context.S setjmp.S registers.c
SRCS-$(CONFIG_ARCH_X86_64_SYSTEM) += entry.S exceptions.c memory_map.c page_tables.c pvh.c trap_entries.S
# For platforms that have no script of their own.
LDSCRIPT-y := image.lds
