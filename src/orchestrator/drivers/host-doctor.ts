// SPDX-License-Identifier: BSD-3-Clause
import type { Finding, HostLimit } from '../../diagnosis/index.js';

/**
 * Looks at a host for what keeps guests from doing well. It stands beside the driver, so that it works while the driver cannot
 * connect. It reads only, and asks the host nothing that guests could notice. Calls reject with what keeps it from looking at all
 * (HOST_UNAVAILABLE, DEADLINE_EXCEEDED), or with the signal's reason; what it cannot see of a host is a finding, `unknown`.
 */
export interface HostDoctor {
  examine(signal: AbortSignal): Promise<readonly Finding[]>;
  /** What each guest takes of which the host has only so many: its capacity besides memory. */
  limits(signal: AbortSignal): Promise<readonly HostLimit[]>;
}
