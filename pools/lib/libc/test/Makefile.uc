# SPDX-License-Identifier: GPL-2.0-or-later

SRCS-y += main.c arithmetic.c system.c text.c
