// SPDX-License-Identifier: BSD-3-Clause
import { isUnicoreError } from '../../errors/index.js';
import type { DomainClaim } from '../drivers/driver.js';
import type { ManagedHost } from '../hosts/managed-host.js';

/**
 * Lets a guest of a warm pool go on as the instance that it was given to; this may be called again after a crash. `paused`: it
 * stands at its first instruction and is to be resumed. Null if there is nothing of it left, so that the instance is to be
 * created.
 * @throws HOST_UNAVAILABLE and what else the driver throws
 */
export async function claimDomain(
  host: ManagedHost,
  id: string,
  claim: DomainClaim,
): Promise<'running' | 'paused' | null> {
  const { driver } = host;
  if (driver.capabilities.park) {
    try {
      await host.call('claim', () => driver.claim(id, claim));
      return 'running';
    } catch (error) {
      if (isUnicoreError(error, 'HOST_UNAVAILABLE')) throw error;
      // Not parked: it was only created, or was claimed before a crash, or is gone. The host knows.
    }
  }
  const domains = await host.call('list', () => driver.list());
  const domain = domains.find((each) => each.id === id);
  if (domain === undefined) return null;
  if (domain.exit === null && domain.state === 'paused') return 'paused';
  if (domain.exit === null && !domain.parked) {
    // What it told may have been told to nobody.
    host.requestSync();
    return 'running';
  }
  await host.call('destroy', () => driver.destroy(id));
  return null;
}
