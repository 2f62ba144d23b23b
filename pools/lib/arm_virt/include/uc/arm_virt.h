/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The machine `virt` of QEMU, for its platforms. The library goes from the entry to uc_boot, and
 * provides the functions of uc/plat.h but for the end of the unikernel.
 */
#ifndef UC_ARM_VIRT_H
#define UC_ARM_VIRT_H

/** Powers off, as the device tree says (PSCI). Halts for good where it says nothing. */
void uc_arm_power_off(void) __attribute__((__noreturn__));

#endif /* UC_ARM_VIRT_H */
