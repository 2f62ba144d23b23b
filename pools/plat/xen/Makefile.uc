# SPDX-License-Identifier: GPL-2.0-or-later
SRCS-y += start.c hvm.c console.c events.c clock.c shutdown.c claim.c control.c foreign.c grants.c store_ring.c xenstore.c
SRCS-$(CONFIG_ARCH_X86_64) += notes.S pvh.c hypercall.c clock_x86_64.c grants_x86_64.c
SRCS-$(CONFIG_XEN_PV) += start_pv.S pv.c pv_memory.c
SRCS-$(CONFIG_ARCH_ARM64) += header_arm64.S start_arm64.c clock_arm64.c
LDSCRIPT-$(CONFIG_ARCH_ARM64) := image_arm64.lds
# The version of the interface that Xen's headers shall show: that of Xen 4.13.
CFLAGS-y += -isystem $(XEN_INCLUDE) -D__XEN_INTERFACE_VERSION__=0x00040d00
PROVIDES-y += platform
