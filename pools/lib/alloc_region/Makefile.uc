# SPDX-License-Identifier: BSD-3-Clause

SRCS-y += region.c
SRCS-$(CONFIG_ALLOC_DEFAULT_REGION) += init.c
