// SPDX-License-Identifier: BSD-3-Clause
import { UnicoreError } from '../../../errors/index.js';

/** A domain that is not there, or not ours. */
export function domainNotFound(id: string): UnicoreError {
  return new UnicoreError('DOMAIN_NOT_FOUND', `The Xen host has no domain ${id} of ours.`);
}
