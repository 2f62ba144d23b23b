// SPDX-License-Identifier: BSD-3-Clause
import type { DomainObservation } from '../drivers/driver.js';
import type { DomainEvent, HostListener, ManagedHost } from '../hosts/managed-host.js';
import type { EarlyCreations } from '../instances/early-creations.js';
import type { InstanceRegistry } from '../instances/instance-registry.js';
import { factOf } from '../lifecycle/index.js';
import type { Logger } from '../logger.js';
import type { NewEvent } from '../state/index.js';
import type { Reconciler } from './reconciler.js';

export interface HostWatcherOptions {
  readonly registry: InstanceRegistry;
  /** A function, because the reconciler needs the hosts and the hosts need this. */
  readonly reconciler: () => Reconciler;
  readonly append: (event: NewEvent) => void;
  readonly logger: Logger;
  readonly early: EarlyCreations;
  /** A function, because warm pools need the hosts. */
  readonly keeper: () => DomainKeeper;
}

/** Who knows of domains that are no instance. */
export interface DomainKeeper {
  domainEvent(host: ManagedHost, event: DomainEvent): void;
  /** Ours, without a record: whether it is to be kept. */
  keeps(host: ManagedHost, domain: DomainObservation): boolean;
  /** The host's list has been taken in; these are all of ours. */
  listed(host: ManagedHost, ids: ReadonlySet<string>, mark: number): void;
}

/** Turns what hosts tell into facts about instances: adoption after a start, `lost` and found again, leftovers, strangers. */
export class HostWatcher implements HostListener {
  readonly #o: HostWatcherOptions;

  constructor(options: HostWatcherOptions) {
    this.#o = options;
  }

  domainEvent(host: ManagedHost, event: DomainEvent): void {
    if (this.#o.registry.get(event.id) !== undefined) this.#o.reconciler().fold(event);
    else if (!this.#o.early.hear(event)) this.#o.keeper().domainEvent(host, event);
  }

  down(host: ManagedHost, reason: string): void {
    const { registry } = this.#o;
    for (const id of registry.table.idsOn(host.id)) {
      registry.apply(id, { type: 'host-down', reason });
    }
    this.#append(host, { state: 'down', reason });
  }

  listing(): number {
    return this.#o.registry.mark;
  }

  listed(host: ManagedHost, domains: readonly DomainObservation[], mark: number): number {
    const { registry, logger } = this.#o;
    const seen = new Set<string>();
    let strangers = 0;
    for (const domain of domains) {
      if (!domain.owned) {
        strangers++;
        continue;
      }
      const record = registry.get(domain.id);
      if (record === undefined) {
        seen.add(domain.id);
        if (this.#o.early.owns(domain.id)) continue;
        if (this.#o.keeper().keeps(host, domain)) continue;
        // The record is written before the domain is made, and removed after it is gone: this is half of one or the other.
        host.leftovers.add(domain.id);
        this.#o.reconciler().poke(host.id, domain.id);
        continue;
      }
      if (record.instance.spec.host !== host.id) {
        const fields = { domain: domain.id, host: host.id, belongsOn: record.instance.spec.host };
        logger.warn(fields, 'two hosts show the same domain; left alone');
        continue;
      }
      seen.add(domain.id);
      if (this.#changedSince(domain.id, mark)) continue;
      registry.apply(domain.id, factOf(domain));
      // Given to an instance, and not yet told so: its creation goes on with that.
      if (domain.parked) this.#o.reconciler().poke(host.id, domain.id);
    }
    for (const id of registry.table.idsOn(host.id)) {
      if (seen.has(id) || this.#changedSince(id, mark)) continue;
      registry.apply(id, { type: 'absent' });
    }
    this.#o.keeper().listed(host, seen, mark);
    return strangers;
  }

  up(host: ManagedHost): void {
    const { registry } = this.#o;
    for (const id of registry.table.idsOn(host.id)) {
      registry.apply(id, { type: 'host-up' });
      this.#o.reconciler().poke(host.id, id);
    }
    for (const id of host.leftovers) this.#o.reconciler().poke(host.id, id);
    this.#append(host, { state: 'up', reason: null, strangers: host.strangers });
  }

  /** A list tells nothing about an instance that changed after it was asked for, or that a call is under way for. */
  #changedSince(id: string, mark: number): boolean {
    const { touched, inFlight } = this.#o.registry.course(id);
    return inFlight || touched > mark;
  }

  #append(host: ManagedHost, data: Readonly<Record<string, unknown>>): void {
    this.#o.append({
      type: 'host.state',
      resource: { kind: 'host', id: host.id },
      data: { driver: host.driver.kind, ...data },
    });
  }
}
