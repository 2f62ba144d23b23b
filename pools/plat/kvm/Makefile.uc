# SPDX-License-Identifier: GPL-2.0-or-later
SRCS-y += clock.c console.c entry.S idle.c interrupts.c lapic.c memory.c paging.c pic.c pit.c
SRCS-y += shutdown.c start.c traps.S wallclock.c
SRCS-$(CONFIG_KVM_ACPI) += acpi.c
LDSCRIPT-y := kvm.lds
PROVIDES-y += platform
