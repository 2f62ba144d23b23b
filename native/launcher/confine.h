/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONFINE_H
#define CONFINE_H

#include <stdint.h>

/*
 * Takes from the calling process what an instance has no use for: privileges, core dumps, files,
 * new processes. `uid` is its own user and group id, or 0 to keep what it has; `address_space` is
 * in bytes, the launcher's allowance is added to it. Makes system calls only: it runs in a child
 * that borrows its parent's memory. Returns 0 or a negative errno.
 */
int confine(uint32_t uid, uint64_t address_space);

#endif
