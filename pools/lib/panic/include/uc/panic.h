/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The end of a unikernel that cannot go on. Each line on the console begins with "uc: panic: ": the
 * message, the registers if a trap was the reason, the backtrace. No undo runs. The unikernel then
 * ends with UC_EXIT_PANIC.
 */
#ifndef UC_PANIC_H
#define UC_PANIC_H

#ifdef __cplusplus
extern "C" {
#endif

struct uc_arch_registers;

/**
 * Panics with a message. It understands %s %c %d %i %u %x %p %%, with the lengths h, l, ll, z and
 * j, and a width with or without 0: the C library need not be there. A panic within a panic ends
 * at once.
 */
void uc_panic(const char *format, ...)
	__attribute__((__noreturn__, __cold__, __format__(__printf__, 1, 2)));

/** Panics because of a trap: shows its registers, and the backtrace of the place that it hit. */
void uc_panic_trap(const struct uc_arch_registers *registers, const char *format, ...)
	__attribute__((__noreturn__, __cold__, __format__(__printf__, 2, 3)));

/** Panics with the expression if it is false. For checks that must stay in every build. */
#define UC_ASSERT(expression)   \
	((expression) ? (void)0 \
		      : uc_panic("%s:%d: %s does not hold", __FILE__, __LINE__, #expression))

#ifdef __cplusplus
}
#endif

#endif /* UC_PANIC_H */
