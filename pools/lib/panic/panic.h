/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PANIC_PANIC_H
#define PANIC_PANIC_H

#include <stdarg.h>
#include <stdint.h>

/** What each line of a panic begins with. */
#define PREFIX "uc: panic: "

/** Shows a message on the console by emergency output. For the conversions see uc/panic.h. */
void panic_format(const char *format, va_list args);

/** The name of the function that an address is in, and the distance from its start; or NULL. */
const char *panic_symbol(uintptr_t address, uintptr_t *offset);

/**
 * Walks the chain of frames from a frame pointer on: stores at most n return addresses, the
 * innermost first. Reads no further than `reach` bytes above it. Returns how many.
 */
unsigned int panic_backtrace(uintptr_t pointer, uintptr_t reach, uintptr_t *out, unsigned int n);

#endif /* PANIC_PANIC_H */
