// SPDX-License-Identifier: BSD-3-Clause
import type { ImageDigest } from '../../build/image.js';
import { messageOf, UnicoreError } from '../../errors/index.js';
import { timestamp, type Clock } from '../clock.js';
import type { DomainObservation } from '../drivers/driver.js';
import { fitsClaim } from '../drivers/guest-command-line.js';
import type { DomainEvent, ManagedHost } from '../hosts/managed-host.js';
import { chooseHost } from '../hosts/placement.js';
import type { Instance } from '../instance.js';
import type { Acceptance, Acceptor, InstanceTemplate } from '../instances/acceptance.js';
import { phaseEvent, toStored, type InstanceRegistry } from '../instances/instance-registry.js';
import type { InstanceRecord } from '../lifecycle/index.js';
import type { Logger } from '../logger.js';
import type { CreateInstance, WarmPool, WarmPools, WarmPoolSpec } from '../ports.js';
import type { ImageCache } from '../reconciler/image-cache.js';
import type { Journal, StoredDocument } from '../state/index.js';
import { Pool, validatePool, type Member, type PoolDocument } from './pool.js';
import type { Refill } from './refill.js';

export interface WarmPoolOptions {
  readonly hosts: ReadonlyMap<string, ManagedHost>;
  readonly registry: InstanceRegistry;
  readonly journal: Journal;
  readonly images: ImageCache;
  readonly acceptor: Acceptor;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly requireOpen: () => void;
}

/** How long a request waits for room that pools give back. */
const EVICT_MILLISECONDS = 5_000;
const AFTER_EVICTION_MILLISECONDS = 10_000;

/** The warm pools: what clients ask of them, and what instances take out of them. */
export class WarmPoolRegistry implements WarmPools {
  readonly pools = new Map<string, Pool>();
  readonly #o: WarmPoolOptions;
  readonly #refill: Refill;
  /** Pools that ask what they are to be made of. */
  readonly #refreshing = new Set<Pool>();

  constructor(options: WarmPoolOptions, refill: Refill, stored: readonly StoredDocument[]) {
    this.#o = options;
    this.#refill = refill;
    for (const { id, document } of stored) this.#restore(id, document as PoolDocument);
  }

  async put(name: string, spec: WarmPoolSpec, signal?: AbortSignal): Promise<WarmPool> {
    const { acceptor, images, journal, clock, hosts, requireOpen } = this.#o;
    requireOpen();
    validatePool(name, spec);
    const { source, host, memoryBytes, vcpus, args } = spec;
    const request: CreateInstance = {
      source,
      ...(host === undefined ? {} : { host }),
      ...(memoryBytes === undefined ? {} : { memoryBytes }),
      ...(vcpus === undefined ? {} : { vcpus }),
      ...(args === undefined ? {} : { args }),
    };
    const template = await acceptor.template(request, signal);
    const { manifest } = await images.get(template.spec.image);
    const { capabilities } = chooseHost(hosts, {
      image: manifest,
      demand: null,
      host: template.host,
    }).driver;
    const canPark = manifest.parks && capabilities.park;
    const warmth = spec.warmth ?? (canPark ? 'booted' : 'created');
    if (warmth === 'booted' ? !canPark : !capabilities.createPaused) {
      const text = `Guests of this image cannot be kept ${warmth} there. Choose another warmth or host.`;
      throw new UnicoreError('DRIVER_UNSUPPORTED', text);
    }
    requireOpen();
    const old = this.pools.get(name);
    const document = {
      spec,
      image: template.spec.image,
      memoryBytes: template.spec.memoryBytes,
      vcpus: template.spec.vcpus,
      warmth,
      createdAt: old?.document.createdAt ?? timestamp(clock),
    } as const;
    const pool = old ?? new Pool(name, document);
    pool.document = document;
    pool.notBefore = 0;
    this.pools.set(name, pool);
    try {
      await journal.commit(
        [{ type: 'put-pool', pool: pool.stored() }],
        [poolEvent(name, 'changed')],
      );
    } catch (error) {
      if (old === undefined) this.pools.delete(name);
      throw error;
    }
    this.#refill.poke();
    return this.#view(pool);
  }

  list(): readonly WarmPool[] {
    return [...this.pools.values()].map((pool) => this.#view(pool));
  }

  get(name: string): WarmPool {
    return this.#view(this.#require(name));
  }

  async delete(name: string): Promise<void> {
    const pool = this.#require(name);
    await this.#o.journal.commit([{ type: 'delete-pool', id: name }], [poolEvent(name, 'deleted')]);
    if (this.pools.get(name) === pool) this.pools.delete(name);
    for (const member of pool.members.values()) {
      if (member.state !== 'claimed') void this.#refill.destroy(pool, member);
    }
  }

  /** Looks whether pools are to be made of images that have just been built. */
  async built(digests: readonly string[]): Promise<void> {
    const { images, acceptor, logger } = this.#o;
    for (const digest of digests) {
      const { manifest } = await images.get(digest as ImageDigest);
      for (const pool of this.pools.values()) {
        const { source } = pool.document.spec;
        if (!('app' in source) || source.target !== manifest.target) continue;
        if (source.app !== manifest.app || pool.document.image === digest) continue;
        // It may be of other symbols: who builds knows, and has it at hand if it is of the same.
        if (this.#refreshing.has(pool)) continue;
        this.#refreshing.add(pool);
        acceptor
          .image(source)
          .then(({ manifest: { digest: current } }) => {
            if (pool.document.image !== current) this.#drift(pool, current);
          })
          .catch((error: unknown) => {
            const fields = { pool: pool.name, err: messageOf(error) };
            logger.warn(fields, 'a warm pool keeps guests of what was built before');
          })
          .finally(() => this.#refreshing.delete(pool));
      }
    }
  }

  /** Whether a pool keeps guests of this image. */
  usesImage(digest: string): boolean {
    return [...this.pools.values()].some(({ document }) => document.image === digest);
  }

  /**
   * Makes a guest of a pool the instance that a request asks for. Null if no pool fits, or none has one: that is counted.
   * The guest is taken before anything is awaited, and its record is written before it hears of it.
   */
  async claim(template: InstanceTemplate, request: CreateInstance): Promise<Instance | null> {
    if (request.provisioning === 'cold') return null;
    const fitting = [...this.pools.values()].filter((pool) => this.#fits(pool, template, request));
    const now = this.#o.clock.monotonic();
    for (const pool of fitting) {
      pool.demand.arrived(now);
      pool.lastArrival = now;
    }
    for (const pool of fitting) {
      const member = this.#take(pool, template);
      if (member === null) continue;
      const instance = await this.#give(pool, member, template, request);
      pool.hits++;
      return instance;
    }
    for (const pool of fitting) pool.misses++;
    if (fitting.length > 0) this.#refill.poke();
    return null;
  }

  /** Gives room for a request back, if pools have as much. Resolves whether they had. */
  async makeRoom(template: InstanceTemplate): Promise<boolean> {
    const { hosts, clock } = this.#o;
    for (const host of hosts.values()) {
      if (template.host !== null && template.host !== host.id) continue;
      const all = [...this.pools.values()].flatMap((pool) =>
        [...pool.members.values()]
          .filter((member) => member.host === host.id && member.state === 'ready')
          .map((member) => ({ pool, member })),
      );
      const gone: Promise<void>[] = [];
      let freed = Math.max(0, host.capacity.freeBytes);
      for (const { pool, member } of all) {
        if (freed >= template.spec.memoryBytes && gone.length > 0) break;
        freed += pool.document.memoryBytes;
        pool.notBefore = clock.monotonic() + AFTER_EVICTION_MILLISECONDS;
        gone.push(this.#refill.destroy(pool, member));
      }
      if (gone.length === 0 || freed < template.spec.memoryBytes) continue;
      await this.#atMost(Promise.all(gone));
      return true;
    }
    return false;
  }

  /** A domain that is no instance said something. */
  domainEvent(event: DomainEvent): void {
    for (const pool of this.pools.values()) {
      const member = pool.members.get(event.id);
      if (member !== undefined) this.#refill.event(pool, member, event);
    }
  }

  /** A domain of ours without a record: whether a pool keeps it. */
  keeps(domain: DomainObservation): boolean {
    for (const pool of this.pools.values()) {
      const member = pool.members.get(domain.id);
      if (member === undefined) continue;
      member.missing = false;
      if (domain.exit === null && domain.ready === null) {
        const rests = pool.document.warmth === 'booted' ? domain.parked : domain.state === 'paused';
        if (rests && (member.state === 'found' || member.state === 'warming')) {
          this.#refill.ready(pool, member);
        }
        return true;
      }
      void this.#refill.destroy(pool, member);
      return true;
    }
    return false;
  }

  /** What the host does not show, twice, is gone. */
  listed(host: ManagedHost, ids: ReadonlySet<string>): void {
    for (const pool of this.pools.values()) {
      for (const member of pool.members.values()) {
        if (member.host !== host.id || ids.has(member.id)) continue;
        if (member.state !== 'found' && member.state !== 'ready') continue;
        if (member.missing || member.state === 'found') void this.#refill.destroy(pool, member);
        member.missing = true;
      }
    }
    this.#refill.poke();
  }

  #view(pool: Pool): WarmPool {
    const { clock, hosts } = this.#o;
    return pool.view(clock.monotonic(), (host) => hosts.get(host)?.state === 'up');
  }

  #require(name: string): Pool {
    const pool = this.pools.get(name);
    if (pool !== undefined) return pool;
    throw new UnicoreError('UNKNOWN_WARM_POOL', `There is no warm pool ${name.slice(0, 64)}.`);
  }

  #restore(name: string, { members, ...document }: PoolDocument): void {
    const pool = new Pool(name, document);
    this.pools.set(name, pool);
    for (const { id, host, key } of members) {
      // Given to an instance by the write that made it.
      if (this.#o.registry.get(id) !== undefined) continue;
      // If that host comes back, what is on it is a leftover.
      if (!this.#o.hosts.has(host)) continue;
      pool.members.set(id, { id, host, key, state: 'found', missing: false });
      this.#o.hosts.get(host)?.capacity.hold(id, document);
    }
  }

  #fits(pool: Pool, { spec, host }: InstanceTemplate, { source }: CreateInstance): boolean {
    const { document } = pool;
    const sameShape = document.memoryBytes === spec.memoryBytes && document.vcpus === spec.vcpus;
    if (!sameShape || spec.desired !== 'running') return false;
    if (host !== null && document.spec.host !== undefined && document.spec.host !== host)
      return false;
    if (document.warmth === 'booted') {
      // The longest name there is, so that whatever the name is, it fits.
      if (!fitsClaim(spec.args, 'x'.repeat(63))) return false;
    } else if (JSON.stringify(document.spec.args ?? []) !== JSON.stringify(spec.args)) {
      return false;
    }
    if (document.image !== spec.image && sameSource(source, document.spec.source)) {
      this.#drift(pool, spec.image);
    }
    return document.image === spec.image;
  }

  /** What the pool is made of was built anew. */
  #drift(pool: Pool, image: ImageDigest): void {
    pool.document = { ...pool.document, image };
    this.#refill.save(pool);
    this.#refill.poke();
  }

  #take(pool: Pool, { host }: InstanceTemplate): Member | null {
    for (const member of pool.members.values()) {
      const { state, key } = member;
      if (state !== 'ready' || key !== pool.key || (host !== null && host !== member.host))
        continue;
      if (this.#o.hosts.get(member.host)?.state !== 'up') continue;
      member.state = 'claimed';
      return member;
    }
    return null;
  }

  async #give(
    pool: Pool,
    member: Member,
    template: InstanceTemplate,
    request: CreateInstance,
  ): Promise<Instance> {
    const { acceptor, hosts, registry } = this.#o;
    const { id } = member;
    const host = hosts.get(member.host) ?? null;
    let accepted: Acceptance;
    try {
      // Its room becomes the instance's.
      accepted = await acceptor.accept(template, request.name ?? null, id, null, host);
      const warm = warmed(accepted);
      const put = { type: 'put-pool', pool: pool.stored(id) } as const;
      const others = this.pools.get(pool.name) === pool ? [put] : [];
      await acceptor.commit([warm], 'single', others);
    } catch (error) {
      host?.capacity.hold(id, pool.document);
      member.state = 'ready';
      if (this.pools.get(pool.name) !== pool) void this.#refill.destroy(pool, member);
      throw error;
    }
    pool.members.delete(id);
    this.#refill.poke();
    return registry.get(id)?.instance ?? accepted.record.instance;
  }

  async #atMost(work: Promise<unknown>): Promise<void> {
    let cancel: () => void = () => undefined;
    const enough = new Promise<void>((resolve) => {
      cancel = this.#o.clock.schedule(EVICT_MILLISECONDS, resolve);
    });
    await Promise.race([work, enough]);
    cancel();
  }
}

function warmed({ record, acceptedAt }: Acceptance): Acceptance {
  const { instance } = record;
  const { status } = instance;
  const timings = { ...status.timings, claimed: status.timings.accepted ?? instance.createdAt };
  const warm: InstanceRecord = {
    ...record,
    progress: { ...record.progress, domain: 'present' },
    instance: { ...instance, status: { ...status, provisioning: 'warm', timings } },
  };
  return {
    record: warm,
    change: { type: 'put-instance', instance: toStored(warm) },
    event: phaseEvent(warm, null),
    acceptedAt,
  };
}

function sameSource(one: CreateInstance['source'], other: CreateInstance['source']): boolean {
  if (!('app' in one) || !('app' in other)) return false;
  const symbols = (of: typeof one): string => JSON.stringify(Object.entries(of.symbols).sort());
  return (
    one.app === other.app &&
    one.source === other.source &&
    one.target === other.target &&
    symbols(one) === symbols(other)
  );
}

function poolEvent(name: string, what: 'changed' | 'deleted') {
  return {
    type: `warm-pool.${what}`,
    resource: { kind: 'warm-pool', id: name },
    data: {},
  } as const;
}
