# SPDX-License-Identifier: GPL-2.0-or-later
CROSS_COMPILE_arm ?= $(if $(filter armv7l armv8l,$(machine)),,arm-linux-gnueabihf-)
ARCH_PACKAGE := gcc-arm-linux-gnueabihf
# ARMv7-A with 16 floating-point registers of 64 bits, as Debian's armhf: not every such CPU has NEON or
# an instruction that divides. Only frames of the APCS, which there are in ARM state only, form a chain.
ARCH_CFLAGS := -march=armv7-a+fp -mfloat-abi=hard -mfpu=auto $(if $(CONFIG_FRAME_POINTERS),-marm -mapcs-frame,-mthumb)
ARCH_ASFLAGS := -march=armv7-a -mfpu=vfpv3-d16
ARCH_LDFLAGS := -z noexecstack -z max-page-size=4096
