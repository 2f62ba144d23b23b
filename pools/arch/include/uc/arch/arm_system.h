/* SPDX-License-Identifier: BSD-3-Clause */
/* What arch/arm and arch/arm64 share for platforms; included by their uc/arch/system.h. */
#ifndef UC_ARCH_ARM_SYSTEM_H
#define UC_ARCH_ARM_SYSTEM_H

#include <stdint.h>

/** The end of the stack that main runs on, and the guard below it: a page. */
extern char uc_arm_stack_top[], uc_stack_guard[];

/** The counter at the first instruction of _start. */
extern uint64_t uc_arm_entry_cycles;

/**
 * Provided by a platform's devices: maps memory, and goes on with the boot, on the stack that main
 * runs on, with interrupts masked. devicetree is what a register had at _start.
 */
void uc_arm_start(uintptr_t devicetree) __attribute__((__noreturn__));

#endif /* UC_ARCH_ARM_SYSTEM_H */
