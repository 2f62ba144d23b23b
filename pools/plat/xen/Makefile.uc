# SPDX-License-Identifier: GPL-2.0-or-later
SRCS-y += notes.S start.c pvh.c hypercall.c console.c events.c clock.c shutdown.c control.c foreign.c grants.c store_ring.c xenstore.c
SRCS-$(CONFIG_XEN_PV) += start_pv.S pv.c pv_memory.c
# The version of the interface that Xen's headers shall show: that of Xen 4.13.
CFLAGS-y += -isystem $(XEN_INCLUDE) -D__XEN_INTERFACE_VERSION__=0x00040d00
PROVIDES-y += platform
