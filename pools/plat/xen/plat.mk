# SPDX-License-Identifier: GPL-2.0-or-later
# Xen's public headers, of Debian's libxen-dev unless told otherwise.
XEN_INCLUDE ?= /usr/include
PLAT_CFLAGS :=
PLAT_LDFLAGS := -static -nostdlib
# xl gives memory by the MiB.
PLAT_LDFLAGS += $(if $(CONFIG_ARCH_X86_64),--defsym=uc_memory_unit=1048576)
# On ARM Xen takes no ELF file: the image is what is in memory.
PLAT_OBJCOPY_FLAGS := $(if $(CONFIG_ARCH_ARM64),-O binary)
