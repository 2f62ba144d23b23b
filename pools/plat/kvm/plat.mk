# SPDX-License-Identifier: GPL-2.0-or-later
PLAT_CFLAGS :=
PLAT_LDFLAGS := -static -nostdlib
# What firmware needs above the image, found with SeaBIOS: its own copy lies there.
PLAT_LDFLAGS += $(if $(CONFIG_ARCH_X86_64),--defsym=uc_memory_unit=262144)
# The image begins 2 MiB above the start of memory, whatever pages Linux may have.
PLAT_LDFLAGS += $(if $(CONFIG_LIBARM_VIRT),-z max-page-size=4096)
