# SPDX-License-Identifier: GPL-2.0-or-later
SRCS-y += header.S shutdown.c start.c
PROVIDES-y += platform
