# SPDX-License-Identifier: GPL-2.0-or-later
CROSS_COMPILE_x86_64 ?= $(if $(filter x86_64,$(machine)),,x86_64-linux-gnu-)
ARCH_PACKAGE := $(if $(CROSS_COMPILE_x86_64),gcc-x86-64-linux-gnu,gcc)
# Interrupt handlers run on the stack of what they interrupt: no red zone.
ARCH_CFLAGS := -m64 -march=x86-64 -mno-red-zone -mcmodel=small -fcf-protection=none
ARCH_LDFLAGS := -m elf_x86_64 -z noexecstack -z max-page-size=4096
