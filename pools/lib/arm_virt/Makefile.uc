# SPDX-License-Identifier: GPL-2.0-or-later
SRCS-y += button.c gic.c idle.c machine.c power.c serial.c start.c wallclock.c
LDSCRIPT-y := image.lds
# It runs before address translation is on, when all memory must be accessed aligned.
CFLAGS-start.c-y := $(if $(CONFIG_ARCH_ARM),-mno-unaligned-access,-mstrict-align)
