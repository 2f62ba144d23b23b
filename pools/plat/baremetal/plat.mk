# SPDX-License-Identifier: GPL-2.0-or-later
PLAT_CFLAGS :=
# GRUB and the firmware need more than the image does. helloworld boots from a disc in 3 MiB and not in 2 (GRUB 2.06,
# SeaBIOS, QEMU); the rest is for other machines, whose firmware takes more.
PLAT_LDFLAGS := -static -nostdlib --defsym=uc_memory_unit=8388608
