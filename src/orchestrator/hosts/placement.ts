// SPDX-License-Identifier: BSD-3-Clause
import type { ImageManifest } from '../../build/image.js';
import { parseTarget } from '../../build/target.js';
import { UnicoreError } from '../../errors/index.js';
import type { DriverCapabilities } from '../drivers/driver.js';
import type { Demand } from './capacity.js';
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
  /** The room that it needs, or null for a look at who could run it, room or not. */
  readonly demand: Demand | null;
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
  const { demand } = request;
  const roomy = demand === null ? up : up.filter((host) => host.capacity.fits(demand));
  const best = roomy.reduce<ManagedHost | undefined>(
    (chosen, host) => (chosen === undefined || hasMoreRoom(host, chosen) ? host : chosen),
    undefined,
  );
  if (best === undefined) {
    throw new UnicoreError('NO_CAPACITY', `No host has room. ${shortages(up, demand)}`, {
      retryAfterSeconds: 10,
    });
  }
  return best;
}

/** Of each host, what it has too little of. */
export function shortages(hosts: readonly ManagedHost[], demand: Demand | null, count = 1): string {
  return hosts
    .map(({ id, capacity }) => [id, demand === null ? null : capacity.shortage(demand, count)])
    .map(([id, shortage]) => `${id}: ${shortage ?? 'it has room'}`)
    .join(' ');
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
