# SPDX-License-Identifier: GPL-2.0-or-later
SRCS-y += boot.c command_line.c constructors.c stop.c
SRCS-$(CONFIG_LIBBOOT_ARGUMENTS) += arguments.c
SRCS-$(CONFIG_LIBBOOT_PARK) += park.c
PROVIDES-y += boot
CFLAGS-boot.c-y += -DUC_APP_NAME=\"$(APP)\"
