// SPDX-License-Identifier: BSD-3-Clause
import { UnicoreError } from '../../../errors/index.js';
import { CLAIM_KEY, domainPath, keyPath, PARKED_KEY, reportOf, uuidOf } from './guest-keys.js';
import type { XenDomain } from './xen-domain.js';
import type { Xenstore } from './xenstore/index.js';

/**
 * Gives a guest that waits its line, in the key that it looks at, and notes in the same transaction that it does not wait any more: it is
 * claimed whole or not at all, once, whoever comes and whoever dies. `line`: as `claimLine` makes it, so not empty.
 *
 * The guest makes the key, empty, before it says that it is parked. One that does not is of an image that awaits its line elsewhere.
 * @throws INVALID_PHASE if it does not wait, or not any more; DOMAIN_NOT_FOUND
 */
export async function claimGuest(
  xenstore: Xenstore,
  { domid, id }: XenDomain,
  line: Uint8Array,
): Promise<void> {
  const parkedPath = keyPath(domid, PARKED_KEY);
  const claimPath = keyPath(domid, CLAIM_KEY);
  await xenstore.transaction(async (view) => {
    // All at once, since an answer takes its time; what was written for nothing is undone.
    const [vm, parked, claim] = await Promise.all([
      view.read(`${domainPath(domid)}/vm`),
      view.read(parkedPath),
      view.read(claimPath),
      view.write(parkedPath, '0'),
      view.write(claimPath, line),
    ]);
    if (uuidOf(vm) !== id) {
      throw new UnicoreError('DOMAIN_NOT_FOUND', `The domain ${id} is gone.`);
    }
    if (reportOf(PARKED_KEY, parked)?.parked !== true || claim?.byteLength !== 0)
      throw notParked(id);
  });
}

export function notParked(id: string): UnicoreError {
  return new UnicoreError('INVALID_PHASE', `The domain ${id} does not wait to be claimed.`);
}
