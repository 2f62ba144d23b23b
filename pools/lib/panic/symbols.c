/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Names of functions. The link makes the table in a second pass, from the addresses of the first;
 * it lies behind all code, so that it moves none. See support/symbols.awk.
 */
#include <stddef.h>

#include "panic.h"

struct entry {
	uint32_t address;
	uint32_t name; /* offset in uc_symbol_names */
};

extern const uint32_t uc_symbol_count __attribute__((__weak__));
extern const struct entry uc_symbols[] __attribute__((__weak__));
extern const char uc_symbol_names[] __attribute__((__weak__));

const char *panic_symbol(uintptr_t address, uintptr_t *offset)
{
	uint32_t low = 0;
	uint32_t high = &uc_symbol_count ? uc_symbol_count : 0;

	/* The last entry whose address is not above: entries[low - 1] at the end. */
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (uc_symbols[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	/* The last entry marks the end of the code. */
	if (low == 0 || low == uc_symbol_count)
		return NULL;
	*offset = address - uc_symbols[low - 1].address;
	return uc_symbol_names + uc_symbols[low - 1].name;
}
