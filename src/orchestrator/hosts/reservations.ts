// SPDX-License-Identifier: BSD-3-Clause
import type { Quotas } from '../instances/quotas.js';
import { holdsCapacity, type InstanceRecord } from '../lifecycle/index.js';
import type { ManagedHost } from './managed-host.js';

/**
 * What instances hold: room on their hosts while they have a domain or are to get one, and a share of their owners' quotas
 * as long as they have a record. Entered at acceptance, before anything is awaited, and given back here and nowhere else.
 */
export class Reservations {
  constructor(
    private readonly hosts: ReadonlyMap<string, ManagedHost>,
    readonly quotas: Quotas,
  ) {}

  /** Brings what is held in step with a record. */
  follow(record: InstanceRecord): void {
    const { id, owner, spec } = record.instance;
    if (owner !== null) this.quotas.hold(id, owner, spec);
    const capacity = this.hosts.get(spec.host)?.capacity;
    if (holdsCapacity(record)) capacity?.hold(id, spec);
    else capacity?.release(id);
  }

  /** Gives back all that an instance holds. */
  release({ instance }: InstanceRecord): void {
    this.quotas.release(instance.id);
    this.hosts.get(instance.spec.host)?.capacity.release(instance.id);
  }
}
