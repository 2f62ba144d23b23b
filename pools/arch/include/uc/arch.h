/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What every architecture provides to the libraries. Atomics are the compiler's (__atomic_*); this
 * header has what it does not know.
 */
#ifndef UC_ARCH_H
#define UC_ARCH_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Of this architecture: uc_arch_relax, uc_arch_device_barrier, struct uc_arch_registers, and what a
 * function leaves at its frame pointer, struct uc_arch_frame, UC_ARCH_FRAME_BELOW bytes below it.
 */
#include <uc/arch/cpu.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Keeps the compiler from moving memory accesses across. */
static inline void uc_arch_compiler_barrier(void)
{
	__asm__ volatile("" : : : "memory");
}

/**
 * Makes a context that will call function(argument) on a stack. stack_top is the address after the
 * stack's last byte, of any alignment. The function must not return. At least 512 bytes are needed.
 */
void *uc_arch_context_create(void *stack_top, void (*function)(void *), void *argument);

/**
 * Saves the running context into *from and goes on with `to`. Returns when someone switches to what
 * was saved. Both live on their stacks: a context is used once. Floating-point control words are
 * part of it; interrupts are not.
 */
void uc_arch_switch(void **from, void *to);

/** Shows registers on the console by emergency output, each line with a prefix. */
void uc_arch_print_registers(const struct uc_arch_registers *registers, const char *prefix);

#ifdef __cplusplus
}
#endif

#endif /* UC_ARCH_H */
