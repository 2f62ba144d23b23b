/* SPDX-License-Identifier: BSD-3-Clause */
/* Unaligned access by machine words, for the functions on memory blocks. */
#ifndef LIBC_STRING_WORD_H
#define LIBC_STRING_WORD_H

#include <stddef.h>
#include <stdint.h>

/* May alias anything and lie at any address: the compiler emits what the machine needs for it. */
struct word {
	uintptr_t value;
} __attribute__((__packed__, __may_alias__));

#define WORD sizeof(struct word)

static inline uintptr_t load_word(const void *p)
{
	return ((const struct word *)p)->value;
}

static inline void store_word(void *p, uintptr_t value)
{
	((struct word *)p)->value = value;
}

#endif /* LIBC_STRING_WORD_H */
