/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TEST_XEN_H
#define TEST_XEN_H

#include <stdint.h>

/** The number of this domain. */
uint16_t own_domain(void);

/** Grants a page to a domain, tells by xenstore, and waits for an answer in it. The exit code. */
int offer(uint16_t domain);

/** Waits for an offer, and answers it. The exit code. */
int use(void);

#endif /* TEST_XEN_H */
