# SPDX-License-Identifier: GPL-2.0-or-later
SRCS-y += open.c node.c property.c find.c
