# SPDX-License-Identifier: BSD-3-Clause

SRCS-y += blocks.c buddy.c slab.c
SRCS-$(CONFIG_ALLOC_DEFAULT_BUDDY) += init.c
