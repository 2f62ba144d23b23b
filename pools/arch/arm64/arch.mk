# SPDX-License-Identifier: GPL-2.0-or-later
CROSS_COMPILE_arm64 ?= $(if $(filter aarch64,$(machine)),,aarch64-linux-gnu-)
ARCH_PACKAGE := gcc-aarch64-linux-gnu
# Floating point is in the procedure call standard: printf of a double needs it. Atomics are instructions
# of ARMv8.0: what chooses newer ones at run time is a function of the compiler's library.
ARCH_CFLAGS := -march=armv8-a -mcmodel=small -mno-outline-atomics \
	$(if $(CONFIG_FRAME_POINTERS),-mno-omit-leaf-frame-pointer)
# Linux may have pages of 64 KiB.
ARCH_LDFLAGS := -z noexecstack -z max-page-size=65536
