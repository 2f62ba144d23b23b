# SPDX-License-Identifier: GPL-2.0-or-later
PLAT_CFLAGS :=
PLAT_LDFLAGS := -static -nostdlib
