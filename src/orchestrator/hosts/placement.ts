// SPDX-License-Identifier: BSD-3-Clause
import type { ImageManifest } from '../../build/image.js';
import { parseTarget } from '../../build/target.js';
import { UnicoreError } from '../../errors/index.js';
import type { DriverCapabilities } from '../drivers/driver.js';
import type { ManagedHost } from './managed-host.js';

/** Whether a driver can start an image: by the target that it was built for, or by how an import is entered. */
export function canRun(capabilities: DriverCapabilities, image: ImageManifest): boolean {
  if (!capabilities.architectures.includes(image.architecture)) return false;
  const protocols = image.bootProtocols.some((each) => capabilities.bootProtocols.includes(each));
  if (image.target === null) return protocols;
  const platform = parseTarget(image.target)?.platform;
  return protocols && platform !== undefined && capabilities.platforms.includes(platform);
}

export interface PlacementRequest {
  readonly image: ImageManifest;
  readonly memoryBytes: number;
  /** The host that was asked for, or null. */
  readonly host: string | null;
}

/**
 * The host for one instance: the one that was asked for, else of those that can run it, answer and have room, the one with
 * the most room (with no limits, the one with the fewest instances).
 * @throws UNKNOWN_HOST, NO_HOST_FOR_TARGET, HOST_UNAVAILABLE, NO_CAPACITY
 */
export function chooseHost(
  hosts: ReadonlyMap<string, ManagedHost>,
  request: PlacementRequest,
): ManagedHost {
  const able = candidates(hosts, request).filter((host) =>
    canRun(host.driver.capabilities, request.image),
  );
  if (able.length === 0) {
    throw new UnicoreError(
      'NO_HOST_FOR_TARGET',
      `${request.host === null ? 'No host' : `Host ${request.host}`} can run ${describeImage(request.image)}. GET /v1/hosts shows what each can run.`,
    );
  }
  const up = able.filter((host) => host.state === 'up');
  if (up.length === 0) {
    throw new UnicoreError(
      'HOST_UNAVAILABLE',
      `No host that can run this answers: ${able.map(({ id, reason }) => `${id} (${reason ?? 'down'})`).join(', ')}.`,
      { retryAfterSeconds: 5 },
    );
  }
  const roomy = up.filter((host) => host.capacity.fits(request.memoryBytes));
  const best = roomy.reduce<ManagedHost | undefined>(
    (chosen, host) => (chosen === undefined || hasMoreRoom(host, chosen) ? host : chosen),
    undefined,
  );
  if (best === undefined) {
    throw new UnicoreError(
      'NO_CAPACITY',
      `${request.memoryBytes} bytes do not fit on ${up.map(({ id, capacity }) => `${id} (${Math.max(0, capacity.freeBytes)} bytes and ${capacity.holders} instances)`).join(', ')}. Delete instances or ask for less memory.`,
      { retryAfterSeconds: 10 },
    );
  }
  return best;
}

function candidates(
  hosts: ReadonlyMap<string, ManagedHost>,
  { host }: PlacementRequest,
): ManagedHost[] {
  if (host === null) return [...hosts.values()];
  const named = hosts.get(host);
  if (named === undefined) {
    throw new UnicoreError(
      'UNKNOWN_HOST',
      `There is no host ${host}; there are: ${[...hosts.keys()].join(', ')}.`,
      { errors: [{ path: 'host', message: 'is not a host of this daemon' }] },
    );
  }
  return [named];
}

function hasMoreRoom(a: ManagedHost, b: ManagedHost): boolean {
  if (a.capacity.freeBytes !== b.capacity.freeBytes) {
    return a.capacity.freeBytes > b.capacity.freeBytes;
  }
  return a.capacity.holders < b.capacity.holders;
}

function describeImage(image: ImageManifest): string {
  return image.target ?? `${image.bootProtocols.join('/')} on ${image.architecture}`;
}
