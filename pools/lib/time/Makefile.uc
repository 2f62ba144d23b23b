# SPDX-License-Identifier: BSD-3-Clause

SRCS-y += clock.c timer.c
