/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XEN_CLOCK_ARM64_H
#define XEN_CLOCK_ARM64_H

/** Starts the clock. To be called soon after the entry. */
void xen_clock_init(void);

#endif /* XEN_CLOCK_ARM64_H */
