# SPDX-License-Identifier: GPL-2.0-or-later
SRCS-y += clock.c idle.c lapic.c pic.c pit.c ready.c serial.c wallclock.c
SRCS-$(CONFIG_LIBX86_PC_ACPI) += acpi.c
SRCS-$(CONFIG_LIBX86_PC_SCREEN) += screen.c
