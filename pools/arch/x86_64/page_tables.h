/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef X86_64_PAGE_TABLES_H
#define X86_64_PAGE_TABLES_H

#include <stdint.h>

/** Maps memory where it is, from 4 GiB up to an address. Returns how far it could. */
uint64_t x86_page_tables_extend(uint64_t end, void *(*take_page)(void));

#endif /* X86_64_PAGE_TABLES_H */
