// SPDX-License-Identifier: BSD-3-Clause
import { isUnicoreError, messageOf, UnicoreError } from '../../errors/index.js';
import type { Clock } from '../clock.js';
import type {
  DomainObservation,
  DomainSpec,
  DomainStats,
  DriverEvent,
  HostFacts,
  HypervisorDriver,
} from '../drivers/driver.js';
import type { HostDoctor } from '../drivers/host-doctor.js';
import { backoffDelay, type Backoff } from '../lifecycle/index.js';
import type { Logger } from '../logger.js';
import type { DriverCallSample, OrchestratorObserver } from '../observer.js';
import { AdaptiveLimit } from './adaptive-limit.js';
import { Capacity, type CapacityLimits } from './capacity.js';
import type { MachineClaims } from './machine-claims.js';

export type DomainEvent = Exclude<DriverEvent, { readonly type: 'host-down' | 'host-up' }>;

/** Who is told what happens on a host. */
export interface HostListener {
  domainEvent(host: ManagedHost, event: DomainEvent): void;
  /** The host stopped answering. */
  down(host: ManagedHost, reason: string): void;
  /** A list is about to be asked for; what comes back is handed to `listed` with it. */
  listing(): number;
  /** What is on the host; returns the number of strangers. */
  listed(host: ManagedHost, domains: readonly DomainObservation[], mark: number): number;
  /** The host answers, and its list has been taken in. */
  up(host: ManagedHost): void;
}

export interface ManagedHostOptions {
  readonly limits?: CapacityLimits;
  readonly doctor?: HostDoctor;
  readonly callMilliseconds: number;
  /** How often the host's list is compared with the records, besides events. */
  readonly resyncMilliseconds: number;
  /** Shared by all hosts. */
  readonly machines: MachineClaims;
  /** Shared by all hosts: the capacities of those whose guests live on this machine. */
  readonly onThisMachine: Set<Capacity>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly observer: OrchestratorObserver;
}

const PROBE: Backoff = { firstMilliseconds: 1_000, mostMilliseconds: 30_000 };
const SYNC_INTERVAL_MILLISECONDS = 1_000;
const CREATES_AT_ONCE = { initial: 16, least: 2, most: 64 };
const STATS_LIFE_MILLISECONDS = 1_000;
const LIMITS_MILLISECONDS = 60_000;

/** One host: its connection, whether it answers, what it holds, and the calls to its driver. */
export class ManagedHost {
  readonly capacity: Capacity;
  /** Domains of ours without a record, to be destroyed. */
  readonly leftovers = new Set<string>();
  /** How many domains are created at the same time. */
  readonly creates = new AdaptiveLimit(CREATES_AT_ONCE);
  #creating = 0;
  #state: 'up' | 'down' = 'down';
  #reason: string | null = 'The host has not been reached yet.';
  #facts: HostFacts | null = null;
  #strangers = 0;
  #opened = false;
  #closed = false;
  /** Counts changes of reachability, so that a list from before one is not believed after it. */
  #epoch = 0;
  #failures = 0;
  #syncing: Promise<void> | null = null;
  #lastSync = -Infinity;
  #timer: { readonly at: number; readonly cancel: () => void } | null = null;
  #unsubscribe: () => void = () => undefined;
  #stats: {
    readonly at: number;
    readonly sample: Promise<ReadonlyMap<string, DomainStats>>;
  } | null = null;

  constructor(
    readonly id: string,
    readonly driver: HypervisorDriver,
    private readonly listener: HostListener,
    private readonly options: ManagedHostOptions,
  ) {
    this.capacity = new Capacity(options.limits);
  }

  get doctor(): HostDoctor | undefined {
    return this.options.doctor;
  }

  /** How many domains are being created. */
  get creating(): number {
    return this.#creating;
  }

  get state(): 'up' | 'down' {
    return this.#state;
  }

  get reason(): string | null {
    return this.#reason;
  }

  get facts(): HostFacts | null {
    return this.#facts;
  }

  get strangers(): number {
    return this.#strangers;
  }

  /** Connects and takes in what is there. A host that does not answer is down, and tried again. */
  async start(): Promise<void> {
    this.#unsubscribe = this.driver.onEvent((event) => this.#onEvent(event));
    await this.sync();
  }

  /** Disconnects. Domains go on. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#unsubscribe();
    this.#timer?.cancel();
    await this.driver.close();
  }

  /** Compares the host with the records now, or after the comparison that is under way. */
  sync(): Promise<void> {
    this.#syncing ??= this.#sync().finally(() => {
      this.#syncing = null;
      // Whatever became of it, there is a next one.
      if (this.#timer === null) this.#syncIn(SYNC_INTERVAL_MILLISECONDS);
    });
    return this.#syncing;
  }

  /** Compares the host with the records soon. */
  requestSync(): void {
    const since = this.options.clock.monotonic() - this.#lastSync;
    this.#syncIn(Math.max(0, SYNC_INTERVAL_MILLISECONDS - since));
  }

  /**
   * Calls the driver, for a bounded time.
   * @throws what the driver throws; DEADLINE_EXCEEDED, and nothing is known of what the call did or will do
   */
  async call<T>(call: DriverCallSample['call'], action: () => Promise<T>): Promise<T> {
    const { clock, observer, callMilliseconds } = this.options;
    const begun = clock.monotonic();
    let outcome = 'ok';
    let cancel: () => void = () => undefined;
    const deadline = new Promise<never>((_, reject) => {
      cancel = clock.schedule(callMilliseconds, () => {
        const text = `${call} on ${this.id} took longer than ${callMilliseconds / 1000} s.`;
        reject(new UnicoreError('DEADLINE_EXCEEDED', text));
      });
    });
    try {
      return await Promise.race([action(), deadline]);
    } catch (error) {
      outcome = isUnicoreError(error) ? error.code : 'INTERNAL';
      const lost = isUnicoreError(error, 'HOST_UNAVAILABLE') && call !== 'list';
      if (lost && this.#state === 'up') this.requestSync();
      throw error;
    } finally {
      cancel();
      const seconds = (clock.monotonic() - begun) / 1000;
      observer.driverCall({ call, driver: this.driver.kind, host: this.id, seconds, outcome });
    }
  }

  /** Finds out what the host has only so many of. What cannot be found out does not bound it. */
  async learnLimits(): Promise<void> {
    const { doctor } = this.options;
    if (doctor === undefined) return;
    try {
      this.capacity.learnLimits(await doctor.limits(AbortSignal.timeout(LIMITS_MILLISECONDS)));
    } catch (error) {
      const reason = messageOf(error);
      this.options.logger.warn({ host: this.id, reason }, 'its limits could not be looked at');
    }
  }

  /** Creates a domain, and learns from how long it takes how many the host does well at the same time. */
  async create(spec: DomainSpec, signal?: AbortSignal): Promise<void> {
    const { clock } = this.options;
    const begun = clock.monotonic();
    const underWay = ++this.#creating;
    try {
      await this.call('create', () => this.driver.create(spec, signal));
      this.creates.succeeded(clock.monotonic() - begun, underWay);
    } catch (error) {
      const overloaded =
        isUnicoreError(error, 'DEADLINE_EXCEEDED') || isUnicoreError(error, 'HOST_UNAVAILABLE');
      if (overloaded) this.creates.overloaded();
      throw error;
    } finally {
      this.#creating--;
    }
  }

  /** A sample of all domains, at most a second old. */
  stats(): Promise<ReadonlyMap<string, DomainStats>> {
    const now = this.options.clock.monotonic();
    if (this.#stats === null || now - this.#stats.at > STATS_LIFE_MILLISECONDS) {
      const sample = this.call('stats', () => this.driver.stats()).then(
        (all) => new Map(all.map((stats) => [stats.id, stats])),
      );
      this.#stats = { at: now, sample };
      sample.catch(() => {
        this.#stats = null;
      });
    }
    return this.#stats.sample;
  }

  #onEvent(event: DriverEvent): void {
    if (this.#closed) return;
    if (event.type === 'host-down') this.#goDown(event.reason);
    else if (event.type === 'host-up') void this.#resync();
    else this.listener.domainEvent(this, event);
  }

  #learn({ memoryBytes, overhead, onThisMachine }: HostFacts): void {
    const { onThisMachine: neighbours } = this.options;
    if (onThisMachine) neighbours.add(this.capacity);
    this.capacity.learn(memoryBytes, overhead, onThisMachine ? neighbours : undefined);
  }

  /** A list that began before the host came back does not count. */
  async #resync(): Promise<void> {
    this.#epoch++;
    await this.#syncing;
    await this.sync();
  }

  async #sync(): Promise<void> {
    if (this.#closed) return;
    const epoch = this.#epoch;
    this.#lastSync = this.options.clock.monotonic();
    try {
      await this.#open();
      if (this.#state === 'down' || this.#facts === null) {
        const facts = await this.call('facts', () => this.driver.facts());
        this.#claim(facts);
        this.#facts = facts;
        this.#learn(facts);
        await this.learnLimits();
      }
      const mark = this.listener.listing();
      const domains = await this.call('list', () => this.driver.list());
      if (this.#isClosed() || epoch !== this.#epoch) return;
      this.#strangers = this.listener.listed(this, domains, mark);
      this.#failures = 0;
      this.#goUp();
      this.#syncIn(this.options.resyncMilliseconds);
    } catch (error) {
      if (this.#isClosed() || epoch !== this.#epoch) return;
      this.#failures++;
      this.#goDown(messageOf(error));
    }
  }

  /** @throws HOST_UNAVAILABLE if another host looks after the same machine */
  #claim({ machineId }: HostFacts): void {
    if (machineId == null) return;
    const holder = this.options.machines.claim(this.id, machineId);
    if (holder === null) return;
    throw new UnicoreError(
      'HOST_UNAVAILABLE',
      `It is the same machine as the host '${holder}', and two would get into each other's way: configure it once.`,
    );
  }

  #isClosed(): boolean {
    return this.#closed;
  }

  async #open(): Promise<void> {
    if (this.#opened) return;
    try {
      await this.call('open', () => this.driver.open());
      this.#opened = true;
    } catch (error) {
      // The driver itself keeps trying.
      if (isUnicoreError(error, 'HOST_UNAVAILABLE')) this.#opened = true;
      throw error;
    }
  }

  #goUp(): void {
    if (this.#state === 'up') return;
    this.#state = 'up';
    this.#reason = null;
    this.options.logger.info({ host: this.id, strangers: this.#strangers }, 'the host is up');
    this.listener.up(this);
  }

  #goDown(reason: string): void {
    this.#epoch++;
    this.#syncIn(backoffDelay(PROBE, Math.max(1, this.#failures)));
    const first = this.#state === 'up' || this.#failures <= 1;
    this.#state = 'down';
    this.#reason = reason;
    if (!first) return;
    this.options.logger.warn({ host: this.id, reason }, 'the host is down');
    this.listener.down(this, reason);
  }

  /** Keeps one timer, the earliest. A comparison that ends sets the next. */
  #syncIn(milliseconds: number): void {
    if (this.#closed) return;
    const at = this.options.clock.monotonic() + milliseconds;
    if (this.#timer !== null && this.#timer.at <= at) return;
    this.#timer?.cancel();
    const cancel = this.options.clock.schedule(milliseconds, () => {
      this.#timer = null;
      void this.sync();
    });
    this.#timer = { at, cancel };
  }
}
