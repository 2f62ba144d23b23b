// SPDX-License-Identifier: BSD-3-Clause
import { randomUUID } from 'node:crypto';
import type { StoredImage } from '../../build/image.js';
import type { ImageSource } from '../../build/ports.js';
import { UnicoreError } from '../../errors/index.js';
import { timestamp, type Clock } from '../clock.js';
import type { ManagedHost } from '../hosts/managed-host.js';
import { canRun, chooseHost, shortages } from '../hosts/placement.js';
import type { Reservations } from '../hosts/reservations.js';
import type { InstanceSpec } from '../instance.js';
import { withCondition, type InstanceOrigin, type InstanceRecord } from '../lifecycle/index.js';
import type { Client, CreateInstance } from '../ports.js';
import type { ImageCache } from '../reconciler/image-cache.js';
import { phaseEvent, toStored, type InstanceRegistry } from './instance-registry.js';
import type { Journal, NewEvent, StateChange } from '../state/index.js';
import { generateName } from './naming.js';
import type { Quotas } from './quotas.js';
import { DEFAULT_MEMORY_BYTES, roundMemory, validateCreate } from './validation.js';

/** A request whose image is there and whose fields are good: what its instances have in common. It can be stored as JSON. */
export interface InstanceTemplate {
  readonly spec: Omit<InstanceSpec, 'host'>;
  /** The host that was asked for, or null. */
  readonly host: string | null;
  /** Absent in what was written before instances had owners. */
  readonly client?: Client | null;
  readonly requestId?: string | undefined;
}

/** An instance that has its name and its room, and is not yet written. */
export interface Acceptance {
  readonly record: InstanceRecord;
  readonly change: StateChange;
  readonly event: NewEvent;
  readonly acceptedAt: number;
  /** Takes back what was begun for it already, if it cannot be written. */
  readonly undo?: () => Promise<void>;
}

export interface AcceptorOptions {
  readonly registry: InstanceRegistry;
  readonly hosts: ReadonlyMap<string, ManagedHost>;
  readonly journal: Journal;
  readonly images: ImageCache;
  readonly imageSource: ImageSource;
  readonly reservations: Reservations;
  readonly clock: Clock;
  readonly lastOrdinal: number;
}

/** Admission: makes instances of requests, with a name and room on a host that nobody else gets. */
export class Acceptor {
  readonly #o: AcceptorOptions;
  #ordinal: number;

  constructor(options: AcceptorOptions) {
    this.#o = options;
    this.#ordinal = options.lastOrdinal;
  }

  get quotas(): Quotas {
    return this.#o.reservations.quotas;
  }

  /** Checks a request and has its image ready. @throws as `Instances.create` */
  async template(request: CreateInstance, signal?: AbortSignal): Promise<InstanceTemplate> {
    validateCreate(request);
    const { manifest } = await this.image(request.source, signal);
    const least = manifest.minimumMemoryBytes;
    if (request.memoryBytes !== undefined && least !== null && request.memoryBytes < least) {
      throw new UnicoreError('INVALID_REQUEST', `The image needs at least ${least} bytes.`, {
        errors: [{ path: 'memory', message: `must be at least ${least}` }],
      });
    }
    const spec: InstanceTemplate['spec'] = {
      image: manifest.digest,
      app: manifest.app,
      target: manifest.target,
      memoryBytes: request.memoryBytes ?? roundMemory(least ?? DEFAULT_MEMORY_BYTES),
      vcpus: request.vcpus ?? 1,
      args: request.args ?? [],
      labels: request.labels ?? {},
      restartPolicy: request.restartPolicy ?? 'never',
      restartLimit: request.restartLimit ?? null,
      ttlSeconds: request.ttlSeconds ?? null,
      ttlAfterFinishedSeconds: request.ttlAfterFinishedSeconds ?? null,
      deadlines: request.deadlines ?? {},
      desired: request.paused === true ? 'paused' : 'running',
    };
    const { host = null, client = null, requestId } = request;
    const template = { spec, host, client, requestId };
    this.requireQuota(template, 1);
    await this.#checkHost(template);
    return template;
  }

  /** @throws QUOTA_EXCEEDED */
  requireQuota({ spec, client }: InstanceTemplate, count: number): void {
    if (client !== null && client !== undefined) {
      this.quotas.require(client, spec, count);
    }
  }

  /** Refuses what no item of a request could be given. @throws NO_CAPACITY */
  requireRoom(template: InstanceTemplate, count: number): void {
    const { spec, host } = template;
    const places = [...this.#o.hosts.values()].filter(
      ({ id, state }) => state === 'up' && (host === null || id === host),
    );
    if (places.some(({ capacity }) => capacity.fits(spec, count))) return;
    throw new UnicoreError(
      'NO_CAPACITY',
      `No host has room for ${count} instances. Ask for fewer, or without allOrNothing. ${shortages(places, spec, count)}`,
    );
  }

  /**
   * Gives one instance its host, room and name; or `held`, the host where its id has room already.
   * @throws UNKNOWN_HOST, NO_HOST_FOR_TARGET, HOST_UNAVAILABLE, NO_CAPACITY, QUOTA_EXCEEDED, NAME_TAKEN
   */
  async accept(
    template: InstanceTemplate,
    name: string | null,
    id: string = randomUUID(),
    origin: InstanceOrigin | null = null,
    held: ManagedHost | null = null,
  ): Promise<Acceptance> {
    const { manifest } = await this.#o.images.get(template.spec.image);
    const { spec } = template;
    const wanted = { image: manifest, demand: spec, host: template.host };
    const host = held ?? chooseHost(this.#o.hosts, wanted);
    this.requireQuota(template, 1);
    const taken = this.#takeName(name, template.spec.app, id);
    const now = timestamp(this.#o.clock);
    const record: InstanceRecord = {
      ordinal: ++this.#ordinal,
      instance: {
        id,
        name: taken,
        owner: template.client?.name ?? null,
        createdAt: now,
        generation: 1,
        spec: { ...template.spec, host: host.id },
        status: {
          observedGeneration: 0,
          phase: 'pending',
          conditions: firstConditions(now),
          provisioning: 'cold',
          readiness: manifest.reportsReady ? 'guest' : 'hypervisor',
          exitCode: null,
          bootNanoseconds: null,
          timings: { accepted: now, admitted: now },
          restarts: 0,
        },
      },
      restartGeneration: 0,
      origin,
      requestId: template.requestId,
      progress: { domain: 'absent', ready: false, lostFrom: null, restartedGeneration: 0 },
    };
    this.#o.reservations.follow(record);
    return {
      record,
      change: { type: 'put-instance', instance: toStored(record) },
      event: phaseEvent(record, null),
      acceptedAt: this.#o.clock.monotonic(),
    };
  }

  /**
   * Writes what was accepted, with other changes, as one; then it is seen, and worked on. If it cannot be written, names and
   * room are given back.
   */
  async commit(
    accepted: readonly Acceptance[],
    flow: string,
    others: readonly StateChange[] = [],
    events: readonly NewEvent[] = [],
  ): Promise<void> {
    try {
      await this.#o.journal.commit(
        [...accepted.map(({ change }) => change), ...others],
        [...accepted.map(({ event }) => event), ...events],
      );
    } catch (error) {
      // Before its name and its room are somebody else's.
      for (const { undo } of accepted) await undo?.();
      this.abandon(accepted);
      throw error;
    }
    for (const { record, acceptedAt } of accepted) {
      this.#o.registry.insert(record, { client: record.instance.owner ?? '', flow }, acceptedAt);
    }
  }

  /** Gives names and room back. */
  abandon(accepted: readonly Acceptance[]): void {
    for (const { record } of accepted) {
      this.#o.registry.freeName(record.instance.name);
      this.#o.reservations.release(record);
    }
  }

  /** What instances of a source are made of now; built, if need be. @throws as `Instances.create` */
  async image(source: CreateInstance['source'], signal?: AbortSignal): Promise<StoredImage> {
    if ('image' in source) return this.#o.images.fresh(source.image);
    const { digest } = (await this.#o.imageSource.imageFor(source, signal)).manifest;
    return this.#o.images.fresh(digest);
  }

  async #checkHost({ spec, host }: InstanceTemplate): Promise<void> {
    const { manifest } = await this.#o.images.get(spec.image);
    const named = host === null ? null : this.#o.hosts.get(host);
    if (named !== null && named !== undefined && canRun(named.driver.capabilities, manifest))
      return;
    chooseHost(this.#o.hosts, { image: manifest, demand: null, host });
  }

  #takeName(name: string | null, app: string | null, id: string): string {
    if (name !== null) {
      if (this.#o.registry.takeName(name, id)) return name;
      throw new UnicoreError(
        'NAME_TAKEN',
        `There is an instance named ${name}. Choose another name.`,
        {
          errors: [{ path: 'name', message: 'is taken' }],
        },
      );
    }
    for (;;) {
      const made = generateName(app);
      if (this.#o.registry.takeName(made, id)) return made;
    }
  }
}

function firstConditions(now: string): InstanceRecord['instance']['status']['conditions'] {
  const admitted = withCondition([], 'Admitted', true, 'Reserved', '', now);
  const created = withCondition(admitted, 'Created', false, 'Waiting', '', now);
  const ready = withCondition(created, 'Ready', false, 'NotStarted', '', now);
  return withCondition(ready, 'HostReachable', true, 'HostUp', '', now);
}
