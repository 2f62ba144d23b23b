# SPDX-License-Identifier: GPL-2.0-or-later
#
# From choices to images. Make remakes the files that it includes, and reads itself again: first
# targets.mk, the list of targets; then each target's rules.mk.

include $(B)/targets.mk

# How to build is an input, too.
rules := $(wildcard $(support)/*.mk $(support)/*.sh $(support)/*.awk)

# The choices, resolved in the user's view, and reduced to what differs from the defaults.
$(B)/targets.mk: $(choices) $(UC_POOLS)/Kconfig $(UC_APP)/Kconfig $(support)/Kconfig \
		$(addsuffix /Kconfig,$(library_folders) $(target_folders)) $(B)/inputs $(rules)
	@$(kconfig_sources)
	@sh $(support)/choices.sh $(B) $(choices)

# Keeps its time if the choices come out the same.
$(B)/choices: $(B)/targets.mk ;

# Which choices, and the libraries that there are: changes its time when the answer is another.
folders := $(library_folders) $(target_folders)
ifneq ($(choices) $(folders),$(file <$(B)/inputs))
$(shell mkdir -p $(B))
$(file >$(B)/inputs,$(choices) $(folders))
endif
$(B)/inputs: ;

include $(TARGETS:%=$(B)/%/rules.mk)

makefile_uc := $(wildcard $(UC_APP)/Makefile.uc $(addsuffix /Makefile.uc,$(folders)))
# Each target's own configuration, and what follows from it.
$(TARGETS:%=$(B)/%/rules.mk): $(B)/%/rules.mk: $(B)/choices $(makefile_uc) \
		$(wildcard $(addsuffix /*.mk,$(target_folders))) $(rules)
	@sh $(support)/target.sh $* $(MAKE)

images := $(TARGETS:%=$(B)/$(APP)_%)

all: $(images)
ifeq ($(strip $(TARGETS)),)
	@echo 'error: no target is chosen: run make menuconfig, or name one with TARGETS=' >&2; exit 1
endif

size: $(images)
	@for image in $(images); do echo "$${image##*/}"; cat $$image.sizes; done

# Why a symbol has its value: make explain SYMBOL=LIBLIBC
explain:
	@[ -n '$(SYMBOL)' ] || { echo 'error: name a symbol: make explain SYMBOL=LIBLIBC' >&2; exit 1; }
	@for target in $(TARGETS); do \
		sh $(support)/reasons.sh $(B)/$$target '$(SYMBOL:CONFIG_%=%)' || exit 1; \
	done

# Which libraries a target has and why: as text for graphviz, and as a picture if that is installed.
graph:
	@for target in $(TARGETS); do \
		graph=$(B)/$(APP)_$$target; \
		sh $(support)/reasons.sh $(B)/$$target >$$graph.dot || exit 1; \
		if command -v dot >/dev/null; then \
			dot -Tsvg -o $$graph.svg $$graph.dot && echo $$graph.svg; \
		else \
			echo $$graph.dot; \
		fi; \
	done

run: all
	@sh $(support)/run.sh $(B) $(APP) '$(TARGETS)' $(ARGS)

# Discs that boot. Made by name only: it takes GRUB's tools, and longer than the image.
discs := $(filter %_baremetal-x86_64,$(images))
iso: $(discs)
	@for image in $(discs); do sh $(UC_POOLS)/plat/baremetal/iso.sh $$image $(ARGS); done
ifeq ($(discs),)
	@echo 'error: no target for which there are discs: choose baremetal-x86_64' >&2; exit 1
endif

# Compiling and linking, for the rules of rules.mk. $1 is the target's folder, $2 the library.
say = @printf '  %-4s %s\n' '$1' '$2'
# The compiler runs in the source's folder: which application is built is no part of a library's object.
cc = $(Q)cd $(<D) && $(CC_$1) @$1/includes @$1/$2/cflags $3 -MMD -MF $@.gcc -c -o $@ $< && \
	awk -f $(support)/depend.awk -f $(support)/fixdep.awk -v object=$@ -v config=$1/include/config \
		$@.gcc >$@.d && rm $@.gcc
prelink = $(Q)sh $(support)/prelink.sh $1 $2
# What was compiled is kept, whether or not it can be linked.
link = $(Q)sh $(support)/link.sh $1 $(B)/$(APP)_$(notdir $1); \
	status=$$?; sh $(support)/store.sh $1; exit $$status

.PHONY: FORCE
