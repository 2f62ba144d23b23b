# SPDX-License-Identifier: GPL-2.0-or-later
# Xen's public headers, of Debian's libxen-dev unless told otherwise.
XEN_INCLUDE ?= /usr/include
PLAT_CFLAGS :=
# xl gives memory by the MiB.
PLAT_LDFLAGS := -static -nostdlib --defsym=uc_memory_unit=1048576
