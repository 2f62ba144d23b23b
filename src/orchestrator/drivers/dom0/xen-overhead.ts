// SPDX-License-Identifier: BSD-3-Clause
import type { MemoryOverhead } from '../driver.js';

const MIB = 1024 * 1024;

/**
 * What Xen takes for a PVH guest besides its memory: 1 MiB of page tables for each vCPU (xl.cfg(5), `shadow_memory`; the 8 KiB for each MiB of
 * the guest that it takes as well are left out), and its own description of it. Measured with Xen 4.17: guests of 2 MiB and one vCPU
 * took 3.2 MiB each.
 */
export const XEN_OVERHEAD: MemoryOverhead = { perGuest: MIB / 4, perVcpu: MIB };
