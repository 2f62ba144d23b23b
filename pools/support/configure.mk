# SPDX-License-Identifier: GPL-2.0-or-later
#
# The user's view of the configuration: all chosen targets at once.

KCONFIG_CONF ?= kconfig-conf
KCONFIG_MCONF ?= kconfig-mconf
export KCONFIG_CONF

user_config := $(if $(UC_CONFIG),$(abspath $(UC_CONFIG)),$(UC_APP)/.config)
kconfig_sources = sh $(support)/sources.sh $(UC_SOURCES) $(library_folders) -- $(target_folders)
edit_config = $(kconfig_sources) && KCONFIG_CONFIG=$(user_config)

# A menu on a configuration that does not exist yet begins with the application's defaults.
menuconfig:
	$(Q)test -e $(user_config) || cp $(UC_APP)/defconfig $(user_config)
	$(Q)$(edit_config) $(KCONFIG_MCONF) $(UC_POOLS)/Kconfig

defconfig:
	$(Q)$(edit_config) $(KCONFIG_CONF) --defconfig=$(UC_APP)/defconfig $(UC_POOLS)/Kconfig

olddefconfig:
	$(Q)test -e $(user_config) || cp $(UC_APP)/defconfig $(user_config)
	$(Q)$(edit_config) $(KCONFIG_CONF) --olddefconfig $(UC_POOLS)/Kconfig

savedefconfig:
	$(Q)$(edit_config) $(KCONFIG_CONF) --savedefconfig=$(UC_APP)/defconfig $(UC_POOLS)/Kconfig
