/* SPDX-License-Identifier: BSD-3-Clause */
/* What Xen's builder has to know of an image, and its PVH entry, which is the architecture's. */
#include <xen/elfnote.h>

#include "note.h"

XEN_NOTE(XEN_ELFNOTE_GUEST_OS, .asciz "Unicore")
XEN_NOTE(XEN_ELFNOTE_XEN_VERSION, .asciz "xen-3.0")
XEN_NOTE(XEN_ELFNOTE_PHYS32_ENTRY, .long _start)

	.section .note.GNU-stack, "", @progbits
