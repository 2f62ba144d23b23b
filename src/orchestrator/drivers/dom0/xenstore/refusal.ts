// SPDX-License-Identifier: BSD-3-Clause
import { UnicoreError } from '../../../../errors/index.js';

/** xenstored has said no, by one of the names in xs_wire.h (xsd_errors), as in ENOENT or EAGAIN. */
export class XenstoreRefusal extends UnicoreError {
  readonly reason: string;

  constructor(what: string, reason: string) {
    super('DRIVER_FAILED', `xenstored does not ${what}: ${reason}.`);
    this.reason = reason;
  }
}

/** Whether an error is xenstored's no for this reason. */
export function isRefusal(error: unknown, reason: string): boolean {
  return error instanceof XenstoreRefusal && error.reason === reason;
}
