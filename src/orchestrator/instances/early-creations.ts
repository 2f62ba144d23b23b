// SPDX-License-Identifier: BSD-3-Clause
import { messageOf } from '../../errors/index.js';
import type { DomainSpec } from '../drivers/driver.js';
import type { DomainEvent, ManagedHost } from '../hosts/managed-host.js';
import type { InstanceRecord } from '../lifecycle/index.js';
import type { Logger } from '../logger.js';
import type { ImageCache } from '../reconciler/image-cache.js';
import type { Acceptance } from './acceptance.js';
import { phaseEvent, toStored, type InstanceRegistry } from './instance-registry.js';

export interface EarlyCreationOptions {
  readonly registry: InstanceRegistry;
  readonly hosts: ReadonlyMap<string, ManagedHost>;
  readonly images: ImageCache;
  readonly logger: Logger;
  /** Steps that wait for their turn on a host: nobody is overtaken. */
  readonly waiting: (host: string) => number;
  readonly fold: (event: DomainEvent) => void;
}

/** A creation that was begun before its instance was written. */
export interface EarlyCreation {
  readonly done: Promise<void>;
  readonly abort: AbortController;
}

interface Entry extends EarlyCreation {
  /** What its domain told before the instance was there to hear it; null since then. */
  heard: DomainEvent[] | null;
}

/**
 * Creations that go on while their instances are being written, where a driver allows it (`createsAhead`). Nobody has been
 * told of such an instance, and its domain carries its id and our mark: if the write fails it is destroyed, and if the daemon
 * dies before the write is done, the next one finds a domain of ours without a record, which it destroys as half done.
 */
export class EarlyCreations {
  readonly #o: EarlyCreationOptions;
  readonly #entries = new Map<string, Entry>();

  constructor(options: EarlyCreationOptions) {
    this.#o = options;
    options.registry.onChange((record, before) => this.#changed(record, before));
    options.registry.onRemoved(({ instance }) => this.#entries.delete(instance.id));
  }

  /** Begins to create what was accepted, if nobody waits for the host. What comes back is to be written instead. */
  begin(acceptance: Acceptance): Acceptance {
    const { hosts, images, waiting } = this.#o;
    const { spec } = acceptance.record.instance;
    const host = hosts.get(spec.host);
    if (host?.state !== 'up' || host.driver.createsAhead !== true) return acceptance;
    if (host.creating >= host.creates.limit || waiting(host.id) > 0) return acceptance;
    const abort = new AbortController();
    const { record } = acceptance;
    const done = images.get(spec.image).then(async (image) => {
      abort.signal.throwIfAborted();
      await host.create(domainOf(record, host, image), abort.signal);
    });
    // Whoever takes it sees how it went.
    done.catch(() => undefined);
    const { id } = record.instance;
    this.#entries.set(id, { done, abort, heard: [] });
    return { ...begun(acceptance), undo: () => this.#undo(host, id) };
  }

  /** Hands over what was begun for an instance, once; undefined if nothing was. */
  take(id: string): EarlyCreation | undefined {
    const entry = this.#entries.get(id);
    this.#entries.delete(id);
    return entry;
  }

  /** Whether a domain without a record is one whose record is being written. */
  owns(id: string): boolean {
    return this.#entries.has(id);
  }

  /** Keeps what a domain without a record tells, if it is one of these. */
  hear(event: DomainEvent): boolean {
    const entry = this.#entries.get(event.id);
    entry?.heard?.push(event);
    return entry !== undefined;
  }

  #changed({ instance }: InstanceRecord, before: InstanceRecord | null): void {
    const entry = this.#entries.get(instance.id);
    if (entry === undefined) return;
    const { phase } = instance.status;
    if (before !== null) {
      // It came into being, or to its end, without the step that would take it.
      if (phase !== 'pending' && phase !== 'creating') this.#entries.delete(instance.id);
      return;
    }
    const { heard } = entry;
    entry.heard = null;
    this.#o.registry.apply(instance.id, { type: 'create-called' }, true);
    for (const event of heard ?? []) this.#o.fold(event);
  }

  /** It could not be written: nothing of it may stay. */
  async #undo(host: ManagedHost, id: string): Promise<void> {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    entry.abort.abort();
    await entry.done.catch(() => undefined);
    try {
      await host.call('destroy', () => host.driver.destroy(id));
    } catch (error) {
      const fields = { domain: id, host: host.id, err: messageOf(error) };
      this.#o.logger.warn(fields, 'a domain that could not be written stays for now');
      host.requestSync();
    }
    this.#entries.delete(id);
  }
}

function domainOf(
  { instance: { id, name, spec } }: InstanceRecord,
  host: ManagedHost,
  image: DomainSpec['image'],
): DomainSpec {
  const { memoryBytes, vcpus, args } = spec;
  const paused = spec.desired === 'paused' && host.driver.capabilities.createPaused;
  return { id, name, image, memoryBytes, vcpus, args, paused, park: false };
}

/** There may be a domain from the beginning. */
function begun({ record, acceptedAt }: Acceptance): Acceptance {
  const early: InstanceRecord = {
    ...record,
    progress: { ...record.progress, domain: 'present' },
  };
  return {
    record: early,
    change: { type: 'put-instance', instance: toStored(early) },
    event: phaseEvent(early, null),
    acceptedAt,
  };
}
