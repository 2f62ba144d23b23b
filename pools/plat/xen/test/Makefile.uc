# SPDX-License-Identifier: GPL-2.0-or-later
SRCS-y += events.c grants.c main.c two.c
SRCS-$(CONFIG_APPTEST_XEN_STORE) += xenstore.c
