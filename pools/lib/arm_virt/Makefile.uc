# SPDX-License-Identifier: GPL-2.0-or-later
SRCS-y += button.c clock.c gic.c idle.c machine.c memory.c page_tables.c power.c serial.c start.c wallclock.c
LDSCRIPT-y := image.lds
# They run before address translation is on, when all memory must be accessed aligned.
CFLAGS-page_tables.c-y := $(if $(CONFIG_ARCH_ARM),-mno-unaligned-access,-mstrict-align)
CFLAGS-start.c-y := $(CFLAGS-page_tables.c-y)
