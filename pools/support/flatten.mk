# SPDX-License-Identifier: GPL-2.0-or-later
#
# Writes a target's rules.mk: reads its configuration and the Makefile.uc of each library that it
# selects, and spells out every object. Run by target.sh, which sets FOLDER, UC_TARGET and B.
#
# A Makefile.uc sets, with paths relative to its folder:
#   SRCS-y         sources, .c or .S; SRCS-$(CONFIG_X) += x.c for those that need a symbol
#   CFLAGS-y       flags for its own sources; CFLAGS-<source>-y for one of them
#   CINCLUDES-y    folders of its own private headers (its folder and include/ are there already)
#   PROVIDES-y     what can be there once: platform, boot, libc
#   LDSCRIPT-y     the linker script (platforms only)

-include $(FOLDER)/auto.mk
support := $(UC_POOLS)/support
T := $(FOLDER)
unquote = $(patsubst "%",%,$1)
define newline


endef

machine := $(shell uname -m)
arch := $(UC_ARCH)
plat := $(UC_PLAT)
include $(wildcard $(UC_POOLS)/arch/$(arch)/arch.mk $(UC_POOLS)/plat/$(plat)/plat.mk)
# Each architecture has a toolchain of its own. One that is not there is an error of this target only.
compiler := $(CROSS_COMPILE_$(arch))gcc
compiler_headers := $(shell command -v $(compiler) >/dev/null && $(compiler) -print-file-name=include)

# Libraries: <kind>/<name> -> folder. A folder's symbol is LIB and its name in capitals.
lib_folders := $(sort $(patsubst %/Makefile.uc,%,$(wildcard \
	$(addsuffix /*/Makefile.uc,$(UC_POOLS)/lib $(UC_POOLS)/ext $(UC_LIBS)))))
symbols := $(shell printf '%s|\n' $(notdir $(lib_folders)) | tr 'a-z-' 'A-Z_')
selected := $(foreach pair,$(join $(symbols),$(lib_folders)),$(if \
	$(filter y,$(CONFIG_LIB$(firstword $(subst |, ,$(pair))))),$(lastword $(subst |, ,$(pair)))))

folder_app/$(APP) := $(UC_APP)
folder_arch/$(arch) := $(UC_POOLS)/arch/$(arch)
folder_plat/$(plat) := $(UC_POOLS)/plat/$(plat)
$(foreach f,$(selected),$(eval folder_lib/$(notdir $f) := $f))
libraries := app/$(APP) arch/$(arch) plat/$(plat) $(sort $(addprefix lib/,$(notdir $(selected))))

# Reads one Makefile.uc: $1 is the library.
variables := SRCS CFLAGS CINCLUDES PROVIDES LDSCRIPT
define read_library
$(foreach v,$(filter $(addsuffix -%,$(variables)),$(.VARIABLES)),$(eval undefine $v))
$(eval LIB := $(folder_$1))
$(eval include $(wildcard $(folder_$1)/Makefile.uc))
$(eval srcs_$1 := $(sort $(SRCS-y)))
$(eval cflags_$1 := $(CFLAGS-y))
$(eval cincludes_$1 := $(CINCLUDES-y))
$(eval provides_$1 := $(PROVIDES-y))
$(foreach s,$(SRCS-y),$(eval cflags_$1/$s := $(CFLAGS-$s-y)))
$(if $(LDSCRIPT-y),$(eval ldscript := $(folder_$1)/$(LDSCRIPT-y)))
endef
$(foreach l,$(libraries),$(call read_library,$l))

# Headers of all selected libraries, and of the architecture and platform interfaces.
include_folders := $(wildcard $(foreach l,$(libraries),$(folder_$l)/include) \
	$(UC_POOLS)/arch/include $(UC_POOLS)/plat/include)

optimize := $(if $(CONFIG_OPTIMIZE_SPEED),-O2,$(if $(CONFIG_OPTIMIZE_DEBUG),-Og,-Os))
common_cflags := -std=gnu11 -g -ffreestanding -nostdinc -isystem $(compiler_headers) \
	-ffunction-sections -fdata-sections -fno-common -fno-pic -fno-pie -fno-stack-protector \
	-fno-asynchronous-unwind-tables -fno-unwind-tables -fno-strict-aliasing \
	-Wall -Wextra -Wstrict-prototypes -Wmissing-prototypes $(if $(CONFIG_WERROR),-Werror) \
	$(optimize) $(if $(CONFIG_FRAME_POINTERS),-fno-omit-frame-pointer -fno-optimize-sibling-calls,-fomit-frame-pointer) \
	$(ARCH_CFLAGS) $(PLAT_CFLAGS) -include $(T)/autoconf.h \
	-ffile-prefix-map=$(UC_POOLS)=pools -ffile-prefix-map=$(UC_APP)=app/$(APP) \
	$(foreach f,$(UC_LIBS),-ffile-prefix-map=$f=$(notdir $f)) -ffile-prefix-map=$(T)=build

# Writes a file if it would change. $1 name, $2 text.
put = $(if $(call same,$(file <$1),$2),,$(file >$1,$2))
same = $(if $(subst |$1|,,|$2|),,y)

flags_of = $(common_cflags) $(cflags_$1) -DUC_LIBRARY=\"$(notdir $1)\" \
	-I$(folder_$1) $(addprefix -I$(folder_$1)/,$(cincludes_$1))
objects_of = $(foreach s,$(srcs_$1),$(T)/$1/$(basename $s).o)
source_lines = $(foreach s,$(srcs_$1),$1 $(folder_$1)/$s $1/$(basename $s).o $(cflags_$1/$s)$(newline))

once := $(sort $(foreach l,$(libraries),$(provides_$l)))
providers = $(strip $(foreach l,$(libraries),$(if $(filter $1,$(provides_$l)),$l)))
conflicts := $(foreach p,$(once),$(if $(word 2,$(call providers,$p)), \
	"error: $(call providers,$p) all provide $p: select one of them"))
missing := $(foreach p,platform boot,$(if $(call providers,$p),, \
	"error: nothing provides $p: $(if $(filter boot,$p),select LIBBOOT,there is no platform $(plat))"))

$(shell mkdir -p $(sort $(foreach l,$(libraries),$(T)/$l $(dir $(call objects_of,$l)))))
uninstalled := $(if $(compiler_headers),,"error: $(UC_TARGET) needs $(compiler): on Debian apt-get install $(ARCH_PACKAGE)")
errors := $(strip $(conflicts) $(missing) $(if $(file <$(T)/errors),,$(uninstalled)))
$(if $(errors),$(shell printf '%s\n' $(errors) >>$(T)/errors))
errors := $(file <$(T)/errors)

image := $(B)/$(APP)_$(UC_TARGET)
# What the platform makes beside an image.
finish := $(wildcard $(UC_POOLS)/plat/$(plat)/finish.sh)
$(call put,$(T)/includes,$(addprefix -I,$(include_folders)))
$(foreach l,$(libraries),$(call put,$(T)/$l/cflags,$(call flags_of,$l)))
$(foreach l,$(libraries),$(call put,$(T)/$l/objects,$(call objects_of,$l)))
$(call put,$(T)/libraries,$(foreach l,$(libraries),$l $(folder_$l)$(newline)))
$(call put,$(T)/sources,$(foreach l,$(libraries),$(call source_lines,$l)))
$(call put,$(T)/link,$(libraries) $(ldscript) $(ARCH_LDFLAGS) $(PLAT_LDFLAGS) $(PLAT_OBJCOPY_FLAGS) $(CONFIG_LIBPANIC_SYMBOLS))

out := $(T)/rules.mk.new
$(file >$(out),# Generated from the configuration of $(UC_TARGET).)
emit = $(file >>$(out),$1)

define object_rule
$(T)/$1/$(basename $2).o: $(folder_$1)/$2 $(T)/$1/cflags
	$$(call say,CC,$(UC_TARGET) $1/$2)
	$$(call cc,$(T),$1,$(cflags_$1/$2))
endef
define library_rule
$(T)/$1.o: $(call objects_of,$1) $(T)/$1/objects $(wildcard $(folder_$1)/exports) $(support)/prelink.sh
	$$(call prelink,$(T),$1)
endef
define image_rule
$(image): $(libraries:%=$(T)/%.o) $(ldscript) $(T)/link \
		$(T)/.config $(addprefix $(support)/,link.sh notes.sh symbols.awk sizes.awk) $(finish)
	$$(call say,LINK,$(notdir $(image)))
	$$(call link,$(T))
endef
define error_rule
.PHONY: $(image)
$(image):
	@cat $(T)/errors >&2$(if $(uninstalled),; rm $(T)/rules.mk); exit 1
endef

$(call emit,CC_$(T) := $(compiler))
ifneq ($(errors),)
$(call emit,$(error_rule))
else
# For programs that show progress.
$(call emit,$$(if $$(UC_PROGRESS),$$(info $() $() PLAN $(UC_TARGET) $(words $(foreach l,$(libraries),$(srcs_$l))))))
$(foreach l,$(libraries),$(foreach s,$(srcs_$l),$(call emit,$(call object_rule,$l,$s)))$(call emit,$(call library_rule,$l)))
$(call emit,$(image_rule))
$(call emit,-include $(sort $(foreach l,$(libraries),$(addsuffix .d,$(call objects_of,$l)))))
endif

# What the shell scripts of the link need to know.
define link_settings
APP='$(APP)'
TARGET='$(UC_TARGET)'
ARCH='$(arch)'
PLAT='$(plat)'
CROSS='$(CROSS_COMPILE_$(arch))'
LIBRARIES='$(libraries)'
LDSCRIPT='$(ldscript)'
LDFLAGS='$(ARCH_LDFLAGS) $(PLAT_LDFLAGS)'
ASFLAGS='$(ARCH_ASFLAGS)'
OBJCOPY_FLAGS='$(or $(PLAT_OBJCOPY_FLAGS),--strip-all)'
FINISH='$(finish)'
SYMBOLS='$(CONFIG_LIBPANIC_SYMBOLS)'
EXPORTS='$(wildcard $(addsuffix /exports,$(lib_folders)))'
$(foreach l,$(libraries),EXPORTS_$(subst -,_,$(subst /,_,$l))='$(wildcard $(folder_$l)/exports)'$(newline))
endef
$(call put,$(T)/link.env,$(link_settings))

all:
	@mv $(out) $(T)/rules.mk
.PHONY: all
