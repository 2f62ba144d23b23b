# SPDX-License-Identifier: GPL-2.0-or-later
#
# Builds an application into one image for each target that its configuration chooses. An
# application's Makefile sets APP, its name, and includes this file. README.md tells how it works.
#
# How a build with nothing to do stays fast: all that a target compiles and links is written out once,
# into <target>/rules.mk, when its configuration or a list of sources changed. What is left for make is
# to read that file and compare times. No program is started.

MAKEFLAGS += --no-builtin-rules --no-builtin-variables --no-print-directory
# One target that fails must not hide what the others have to say.
MAKEFLAGS += --keep-going
.SUFFIXES:
.DELETE_ON_ERROR:
unexport MAKEFLAGS MFLAGS
export LC_ALL := C
SHELL := /bin/sh

support := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
UC_POOLS ?= $(patsubst %/,%,$(dir $(support)))
UC_APP ?= $(CURDIR)
O ?= build
APP ?= $(notdir $(UC_APP))
# Folders with more libraries, each as in lib/.
UC_LIBS ?=
override UC_LIBS := $(abspath $(UC_LIBS))
# Where objects are kept by their content, for all builds that name it.
UC_CACHE ?=
override UC_CACHE := $(abspath $(UC_CACHE))

B := $(abspath $(O))
Q := $(if $(filter 1,$(V)),,@)

# The user's choices: a file given by name, or the application's .config, or its defaults.
ifneq ($(UC_CONFIG),)
choices := $(abspath $(UC_CONFIG))
else
choices := $(or $(wildcard $(UC_APP)/.config),$(UC_APP)/defconfig)
endif

UC_SOURCES := $(B)/kconfig
UC_PLAT :=
UC_ARCH :=
export UC_POOLS UC_APP UC_SOURCES UC_PLAT UC_ARCH UC_LIBS UC_CACHE APP
# What would change the compiler's result behind our back.
unexport CPATH C_INCLUDE_PATH GCC_EXEC_PREFIX COMPILER_PATH GCC_COMPARE_DEBUG

library_folders := $(sort $(patsubst %/Kconfig,%,$(wildcard \
	$(addsuffix /*/Kconfig,$(UC_POOLS)/lib $(UC_POOLS)/ext $(UC_LIBS)))))
target_folders := $(sort $(patsubst %/Kconfig,%,$(wildcard \
	$(UC_POOLS)/arch/*/Kconfig $(UC_POOLS)/plat/*/Kconfig)))

.DEFAULT_GOAL := all
.PHONY: all run iso size clean distclean help menuconfig defconfig olddefconfig savedefconfig config

goals := $(or $(MAKECMDGOALS),all)
building := $(filter-out clean distclean help menuconfig defconfig olddefconfig savedefconfig,$(goals))

ifneq ($(building),)
include $(support)/build.mk
endif
include $(support)/configure.mk

# Only a folder that a build has made, and that holds no sources.
clean:
	$(Q)if [ -e $(B)/Makefile.uc ]; then \
		echo 'error: $(B) has sources: it is not removed' >&2; exit 1; \
	elif [ -e $(B)/inputs ]; then \
		rm -rf $(B); \
	fi

distclean: clean
	$(Q)rm -f $(UC_APP)/.config $(UC_APP)/.config.old

help:
	@cat $(support)/help.txt
