# SPDX-License-Identifier: GPL-2.0-or-later
#
# Tests that run on the host, not as a unikernel: the library's sources, compiled for the host, and a
# program that drives them. Built and run twice: as the pools build them, and with the sanitizers.
#
#	NAME      the program's name
#	OURS      the library's sources
#	OURS_CFLAGS, TESTS_CFLAGS
#	TESTS     the program's sources
#	RENAME    an exports file: these symbols of OURS get the prefix ours_ (optional)
#	BUILD     where to build (build)
#
# make check builds and runs; make clean removes what was built.

HOST  := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
LIB   := $(HOST)/../..
CC    ?= gcc
BUILD ?= build

WARNINGS  := -Wall -Wextra -Werror
LIBRARIES :=
plain     := -O2
sanitized := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all

TESTS += $(HOST)/fakes.c

check: run-plain run-sanitized

clean:
	rm -rf $(BUILD)

# The objects of a variant ($1) lie flat in its folder: sources of one program differ in name.
objects = $(patsubst %.c,$(BUILD)/$1/$2/%.o,$(notdir $3))

define variant
run-$1: $$(BUILD)/$1/$$(NAME)
	$$<

$$(BUILD)/$1/$$(NAME): $(call objects,$1,ours,$(OURS)) $(call objects,$1,test,$(TESTS))
	$$(CC) $$($1) -o $$@ $$^ $$(LIBRARIES)

$$(BUILD)/$1/ours/%.o: %.c $(RENAME) $(MAKEFILE_LIST) | $$(BUILD)/$1/ours
	$$(CC) -std=gnu11 $$($1) $$(WARNINGS) $$(OURS_CFLAGS) -MMD -c -o $$@ $$<
	$$(if $(RENAME),sed '/^#/d;/^$$$$/d;s/.*/& ours_&/' $(RENAME) >$$@.rename && \
		objcopy --redefine-syms=$$@.rename $$@)

$$(BUILD)/$1/test/%.o: %.c $(MAKEFILE_LIST) | $$(BUILD)/$1/test
	$$(CC) -std=gnu11 $$($1) $$(WARNINGS) $$(TESTS_CFLAGS) -I$(HOST) -MMD -c -o $$@ $$<

$$(BUILD)/$1/ours $$(BUILD)/$1/test:
	mkdir -p $$@

-include $$(wildcard $$(BUILD)/$1/*/*.d)
endef

vpath %.c $(sort $(dir $(OURS) $(TESTS)))
$(foreach v,plain sanitized,$(eval $(call variant,$v)))

.PHONY: check clean run-plain run-sanitized
.DEFAULT_GOAL := check
