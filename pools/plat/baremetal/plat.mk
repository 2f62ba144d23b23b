# SPDX-License-Identifier: GPL-2.0-or-later
PLAT_CFLAGS :=
# GRUB and the firmware need more than the image does: found with GRUB 2.06 and SeaBIOS, from a disc.
PLAT_LDFLAGS := -static -nostdlib --defsym=uc_memory_unit=8388608
