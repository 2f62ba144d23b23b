// SPDX-License-Identifier: BSD-3-Clause
import { isUnicoreError, UnicoreError } from '../../../errors/index.js';
import { XEN_OVERHEAD } from '../dom0/index.js';

/**
 * Why a creation failed on a host that does not say: libxl's own words stay in libvirtd's log, and libvirt tells only that it failed. Where
 * the host has too little memory for the domain, that is it.
 * @param freeMemoryBytes asks the host; null if it does not know
 */
export async function explainCreation(
  error: unknown,
  memoryBytes: number,
  freeMemoryBytes: () => Promise<number | null>,
): Promise<unknown> {
  if (!isUnicoreError(error, 'DRIVER_FAILED')) return error;
  const free = await freeMemoryBytes().catch(() => null);
  if (free === null || free >= memoryBytes + XEN_OVERHEAD.perGuest + XEN_OVERHEAD.perVcpu)
    return error;
  return new UnicoreError('NO_CAPACITY', `The Xen host has no memory for it: ${error.message}`, {
    retryAfterSeconds: 5,
    cause: error,
  });
}
