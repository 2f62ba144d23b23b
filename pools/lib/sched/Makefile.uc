# SPDX-License-Identifier: BSD-3-Clause

SRCS-y += mutex.c semaphore.c thread.c wait.c
