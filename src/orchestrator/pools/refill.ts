// SPDX-License-Identifier: BSD-3-Clause
import { randomUUID } from 'node:crypto';
import { isUnicoreError, messageOf, UnicoreError } from '../../errors/index.js';
import type { Clock } from '../clock.js';
import type { DomainSpec } from '../drivers/driver.js';
import type { DomainEvent, ManagedHost } from '../hosts/managed-host.js';
import { chooseHost } from '../hosts/placement.js';
import { generateName } from '../instances/naming.js';
import { backoffDelay, type LifeLimits } from '../lifecycle/index.js';
import type { Logger } from '../logger.js';
import type { ImageCache } from '../reconciler/image-cache.js';
import type { Journal } from '../state/index.js';
import type { Member, Pool } from './pool.js';

export interface RefillOptions {
  readonly hosts: ReadonlyMap<string, ManagedHost>;
  readonly journal: Journal;
  readonly images: ImageCache;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: LifeLimits;
  readonly random: () => number;
  readonly pools: () => ReadonlyMap<string, Pool>;
  /** Steps for instances that wait for their turn on a host: pools come after them. */
  readonly waiting: (host: string) => number;
}

const TICK_MILLISECONDS = 1_000;
/** Of the creations that a host does well at the same time, the share that pools may have: requests have the rest. */
const SHARE = 1 / 4;
/** A pool that nobody asked for so long gives back what is more than its target, one guest at a time. */
const IDLE_MILLISECONDS = 30_000;

/** Brings pools to their sizes: makes guests, lets go of those that do not fit any more, and keeps out of the way of requests. */
export class Refill {
  readonly #o: RefillOptions;
  readonly #started = new Map<string, number>();
  #cancelTick: (() => void) | null = null;
  #poked = false;
  #stopped = false;

  constructor(options: RefillOptions) {
    this.#o = options;
  }

  /** Looks at all pools soon. */
  poke(): void {
    if (this.#poked || this.#stopped) return;
    this.#poked = true;
    queueMicrotask(() => {
      this.#poked = false;
      this.#look();
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTick?.();
  }

  /** Writes a pool down, soon. */
  save(pool: Pool): void {
    if (this.#o.pools().get(pool.name) !== pool) return;
    const change = { type: 'put-pool', pool: pool.stored() } as const;
    this.#o.journal.commit([change], [], false).catch((error: unknown) => {
      this.#o.logger.warn({ pool: pool.name, err: messageOf(error) }, 'cannot write a warm pool');
    });
  }

  /** A guest waits to be claimed. */
  ready(pool: Pool, member: Member): void {
    const { clock } = this.#o;
    const begun = this.#started.get(member.id);
    this.#started.delete(member.id);
    member.state = 'ready';
    pool.failures = 0;
    if (begun !== undefined) pool.demand.created((clock.monotonic() - begun) / 1000);
    this.poke();
  }

  event(pool: Pool, member: Member, event: DomainEvent): void {
    if (member.state === 'destroying' || member.state === 'claimed') return;
    if (event.type === 'parked') {
      this.ready(pool, member);
    } else if (event.type === 'ended') {
      this.#fail(
        pool,
        'RefillFailed',
        `A guest ended before it was claimed: ${event.exit.message}`,
      );
      void this.destroy(pool, member);
    } else if (event.type === 'ready' || event.type === 'resumed') {
      this.#fail(pool, 'NotParking', 'A guest went on without having been claimed.');
      void this.destroy(pool, member);
    }
  }

  /** Takes a guest away. Resolves when it is gone, however long that takes. */
  async destroy(pool: Pool, member: Member): Promise<void> {
    if (member.state === 'destroying') return;
    member.state = 'destroying';
    this.#started.delete(member.id);
    const host = this.#o.hosts.get(member.host);
    for (let failures = 1; host !== undefined && !this.#stopped; failures++) {
      try {
        await host.call('destroy', () => host.driver.destroy(member.id));
        break;
      } catch (error) {
        if (isUnicoreError(error, 'DOMAIN_NOT_FOUND')) break;
        await this.#sleep(backoffDelay(this.#o.limits.retry, failures, this.#o.random));
      }
    }
    if (this.#stopped) return;
    host?.capacity.release(member.id);
    pool.members.delete(member.id);
    this.save(pool);
    this.poke();
  }

  #look(): void {
    this.#cancelTick?.();
    this.#cancelTick = null;
    const pools = this.#o.pools();
    if (this.#stopped || pools.size === 0) return;
    // Each time another one is first, and not all daemons of a host look at the same time.
    const { random, clock } = this.#o;
    const all = [...pools.values()];
    const first = Math.floor(random() * all.length);
    for (const pool of [...all.slice(first), ...all.slice(0, first)]) this.#bring(pool);
    const milliseconds = TICK_MILLISECONDS * (0.5 + random());
    this.#cancelTick = clock.schedule(milliseconds, () => this.#look());
  }

  #bring(pool: Pool): void {
    const now = this.#o.clock.monotonic();
    for (const member of pool.members.values()) {
      const { state, key, id } = member;
      const since = this.#started.get(id);
      const late = since !== undefined && now - since > this.#o.limits.bootMilliseconds;
      if (state === 'warming' && late) {
        this.#fail(pool, 'RefillFailed', 'A guest was not ready in time.');
        void this.destroy(pool, member);
      } else if (state === 'ready' && key !== pool.key) {
        void this.destroy(pool, member);
      }
    }
    const target = pool.target(now);
    // What is on a host that does not answer cannot be given to anybody; it may be more than enough when the host is back.
    const within = [...pool.members.values()].filter(({ host }) => this.#answers(host));
    const ready = within.filter(({ state }) => state === 'ready');
    const coming = within.filter(({ state }) => state === 'warming' || state === 'found').length;
    const { maximum } = pool.document.spec;
    const [surplus] = ready;
    const idle = now - pool.lastArrival > IDLE_MILLISECONDS;
    if (surplus !== undefined && (ready.length > maximum || (ready.length > target && idle))) {
      void this.destroy(pool, surplus);
    }
    if (ready.length >= target) pool.condition = { reason: 'Full', message: '' };
    else if (pool.failures === 0) pool.condition = { reason: 'Warming', message: '' };
    for (let made = ready.length + coming; made < target; made++) {
      if (now < pool.notBefore || !this.#begin(pool)) break;
    }
  }

  /** Begins to make a guest. Returns false if it is not the time for it. */
  #begin(pool: Pool): boolean {
    const { hosts, images, clock } = this.#o;
    const { document } = pool;
    // Decided without waiting, so that what is counted here is held here.
    const able = [...hosts.values()].filter(
      ({ id, state }) =>
        state === 'up' && (document.spec.host === undefined || document.spec.host === id),
    );
    if (able.length > 0 && able.every((host) => this.#isBusy(host))) return false;
    const id = randomUUID();
    pool.notBefore = clock.monotonic();
    const pending: Member = { id, host: '', key: pool.key, state: 'warming', missing: false };
    pool.members.set(id, pending);
    void images
      .get(document.image)
      .then(async (image) => {
        const host = chooseHost(hosts, {
          image: image.manifest,
          demand: document,
          host: document.spec.host ?? null,
        });
        const member: Member = { ...pending, host: host.id };
        if (pool.members.get(id) !== pending || this.#stopped) return;
        pool.members.set(id, member);
        host.capacity.hold(id, document);
        await this.#make(pool, member, host, {
          id,
          name: generateName(`pool-${pool.name}`),
          image,
          memoryBytes: document.memoryBytes,
          vcpus: document.vcpus,
          args: document.warmth === 'created' ? (document.spec.args ?? []) : [],
          paused: document.warmth === 'created',
          park: document.warmth === 'booted',
        });
      })
      .catch((error: unknown) => {
        const code = isUnicoreError(error) ? error.code : 'INTERNAL';
        const reasons: Readonly<Record<string, string>> = {
          NO_CAPACITY: 'NoCapacity',
          HOST_UNAVAILABLE: 'HostUnavailable',
        };
        this.#fail(pool, reasons[code] ?? 'RefillFailed', messageOf(error));
        const member = pool.members.get(id);
        if (member === pending) pool.members.delete(id);
        else if (member !== undefined) void this.destroy(pool, member);
      });
    return true;
  }

  async #make(pool: Pool, member: Member, host: ManagedHost, domain: DomainSpec): Promise<void> {
    const { journal, clock, pools } = this.#o;
    // The intent first: after a crash, what is there is known to be the pool's.
    if (pools().get(pool.name) !== pool) throw new UnicoreError('UNKNOWN_WARM_POOL', 'It is gone.');
    await journal.commit([{ type: 'put-pool', pool: pool.stored() }], [], false);
    if (member.state !== 'warming') return;
    this.#started.set(member.id, clock.monotonic());
    await host.create(domain);
    if (domain.paused && pool.members.get(member.id)?.state === 'warming') this.ready(pool, member);
  }

  #isBusy(host: ManagedHost): boolean {
    let warming = 0;
    for (const pool of this.#o.pools().values()) {
      for (const { state, host: on } of pool.members.values()) {
        if (state === 'warming' && (on === host.id || on === '')) warming++;
      }
    }
    const { limit } = host.creates;
    const share = Math.max(1, Math.floor(limit * SHARE));
    return warming >= share || host.creating >= limit || this.#o.waiting(host.id) > 0;
  }

  /** Whether a host answers; one that is still to be chosen will. */
  #answers(host: string): boolean {
    return host === '' || this.#o.hosts.get(host)?.state === 'up';
  }

  #fail(pool: Pool, reason: string, message: string): void {
    const { clock, limits, random, logger } = this.#o;
    pool.failures++;
    pool.condition = { reason, message };
    pool.notBefore = clock.monotonic() + backoffDelay(limits.retry, pool.failures, random);
    logger.warn({ pool: pool.name, reason, err: message }, 'a warm pool is not filled');
  }

  #sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.#o.clock.schedule(milliseconds, resolve));
  }
}
