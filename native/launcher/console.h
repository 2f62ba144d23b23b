/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONSOLE_H
#define CONSOLE_H

#include "launcher.h"

/*
 * Appends output. The ring grows up to `most` bytes, as long as all rings together stay within
 * `total`; beyond that the oldest bytes go. Never fails: without memory, bytes are counted and not
 * kept.
 */
void console_append(struct console *console, const uint8_t *bytes, uint32_t count, uint32_t most,
		    uint64_t total);
/*
 * Copies kept output from `*offset` on, at most `most` bytes. An `*offset` older than what is kept
 * is moved forward to what is; one beyond the end is moved back to the end. Returns the number of
 * bytes.
 */
uint32_t console_read(const struct console *console, uint64_t *offset, uint8_t *to, uint32_t most);
/* Frees the ring and forgets all output. */
void console_free(struct console *console);
/* Bytes held by all rings. */
uint64_t console_memory(void);

#endif
