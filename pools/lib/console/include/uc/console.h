/* SPDX-License-Identifier: BSD-3-Clause */
/* The console: the one stream of bytes that every unikernel has. The platform carries it. */
#ifndef UC_CONSOLE_H
#define UC_CONSOLE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Writes n bytes. Does not return before the device took them; what it refuses is lost. */
void uc_console_write(const char *s, size_t n);

/**
 * Reads what has arrived, at most n bytes, without waiting. The number of bytes; 0 if there are
 * none now, -EPIPE if no more will come, -ENODEV if the console cannot be read.
 */
int uc_console_read(char *s, size_t n);

/*
 * Emergency output: usable at any time, from a trap too. It allocates nothing, and needs neither
 * the C library nor any state. For what cannot be said with printf.
 */

/** Writes a string as it is. */
void uc_console_print(const char *s);
/** Writes a number in decimal. */
void uc_console_print_decimal(unsigned long long value);
/** Writes a number in hexadecimal: "0x" and at least `digits` digits. */
void uc_console_print_hex(unsigned long long value, unsigned int digits);

#ifdef __cplusplus
}
#endif

#endif /* UC_CONSOLE_H */
