// SPDX-License-Identifier: BSD-3-Clause
import type { ImageExchange, ImageSource, ImageStore } from '../build/ports.js';
import { messageOf, UnicoreError } from '../errors/index.js';
import { systemClock, type Clock } from './clock.js';
import type { HypervisorDriver } from './drivers/driver.js';
import type { HostDoctor } from './drivers/host-doctor.js';
import { DurableEventLog } from './events/event-log.js';
import type { Capacity, CapacityLimits } from './hosts/capacity.js';
import { Examinations } from './hosts/examination.js';
import { HostDirectory } from './hosts/host-directory.js';
import { MachineClaims } from './hosts/machine-claims.js';
import { ManagedHost } from './hosts/managed-host.js';
import { Reservations } from './hosts/reservations.js';
import { OperationImageTransfers } from './images/image-transfers.js';
import { Acceptor } from './instances/acceptance.js';
import { BulkChange } from './instances/bulk-change.js';
import { BULK_KIND, BulkCreate } from './instances/bulk-create.js';
import { EarlyCreations } from './instances/early-creations.js';
import { instanceEdits, markDeleted } from './instances/edits.js';
import { fromStored, InstanceRegistry } from './instances/instance-registry.js';
import { InstanceService } from './instances/instance-service.js';
import { Quotas } from './instances/quotas.js';
import { SpecEditor } from './instances/spec-editor.js';
import { DEFAULT_LIFE_LIMITS, type LifeLimits } from './lifecycle/index.js';
import { silentLogger, type Logger } from './logger.js';
import { silentObserver, type OrchestratorObserver } from './observer.js';
import { AnswerRecords } from './operations/answer-records.js';
import { OperationRegistry, type OperationDocument } from './operations/operation-registry.js';
import type { EventLog, Hosts, ImageTransfers, Instances, Operations, WarmPools } from './ports.js';
import { Refill } from './pools/refill.js';
import { WarmPoolRegistry } from './pools/warm-pools.js';
import { HostWatcher } from './reconciler/host-watcher.js';
import { ImageCache } from './reconciler/image-cache.js';
import { Reconciler, type LaneName } from './reconciler/reconciler.js';
import type { WorkQueueDepth } from './reconciler/work-queue.js';
import { Journal, type StateStore, type StoredState } from './state/index.js';

export interface HostConfiguration {
  readonly id: string;
  readonly driver: HypervisorDriver;
  /** Looks at the host. Without one, nothing is found and only memory is bounded. */
  readonly doctor?: HostDoctor;
  readonly limits?: CapacityLimits;
}

export interface OrchestratorOptions {
  /** Opened by the caller, and closed by it after `stop`. */
  readonly store: StateStore;
  readonly hosts: readonly HostConfiguration[];
  readonly images: Pick<ImageStore, 'get'>;
  readonly imageSource: ImageSource;
  readonly exchange: ImageExchange;
  readonly logger?: Logger;
  readonly clock?: Clock;
  readonly observer?: OrchestratorObserver;
  readonly limits?: Partial<LifeLimits>;
  /** Steps at the same time on one host. Without it, creations adapt to how the host does. */
  readonly concurrency?: Readonly<Record<LaneName, number>>;
  readonly resyncMilliseconds?: number;
  /** How many events are kept. */
  readonly eventRetention?: number;
  /** How many items of a bulk are accepted, or changed, and written together. */
  readonly bulkChunk?: number;
  /** For jitter: a number from 0 up to 1. */
  readonly random?: () => number;
}

/** Everything that knows instances, put together. */
export interface Orchestrator {
  readonly instances: Instances;
  readonly operations: Operations;
  readonly hosts: Hosts;
  readonly warmPools: WarmPools;
  readonly events: EventLog;
  readonly transfers: ImageTransfers;
  readonly answers: AnswerRecords;
  /** Whether an instance is made of this image. */
  usesImage(digest: string): boolean;
  /** The images that most instances are made of, with how many, at most `limit`. */
  mostUsedImages(limit: number): readonly (readonly [digest: string, instances: number])[];
  /** For gauges: work by host, and writes that wait. */
  depths(): {
    readonly hosts: ReadonlyMap<string, WorkQueueDepth>;
    readonly journal: number;
  };
  /** Connects the hosts, adopts what is there, and goes on where the last run ended, however it ended. */
  start(): Promise<void>;
  /** Takes nothing new, lets steps under way end, writes everything, and disconnects. Guests go on. */
  stop(): Promise<void>;
}

const DEFAULT_EVENT_RETENTION = 50_000;
const DEFAULT_RESYNC_MILLISECONDS = 60_000;
/** A host that has not answered by then is waited for in the background. */
const START_MILLISECONDS = 15_000;
const STOP_MILLISECONDS = 10_000;

/**
 * Reads the state. Services answer from it at once; nothing happens to the world before `start`.
 * @throws STATE_CORRUPT and what else the store reports
 */
export async function createOrchestrator(options: OrchestratorOptions): Promise<Orchestrator> {
  return new ComposedOrchestrator(options, await options.store.load());
}

class ComposedOrchestrator implements Orchestrator {
  readonly instances: InstanceService;
  readonly operations: OperationRegistry;
  readonly hosts: HostDirectory;
  readonly warmPools: WarmPoolRegistry;
  readonly events: DurableEventLog;
  readonly answers: AnswerRecords;
  readonly transfers: OperationImageTransfers;
  readonly #clock: Clock;
  readonly #journal: Journal;
  readonly #registry: InstanceRegistry;
  readonly #reconciler: Reconciler;
  readonly #bulk: BulkCreate;
  readonly #refill: Refill;
  readonly #changes: BulkChange;
  readonly #managed = new Map<string, ManagedHost>();
  readonly #storedOperations: StoredState['operations'];
  #stopping = false;

  constructor(options: OrchestratorOptions, stored: StoredState) {
    const { store, imageSource } = options;
    const clock = (this.#clock = options.clock ?? systemClock);
    const logger = options.logger ?? silentLogger;
    const observer = options.observer ?? silentObserver;
    const eventRetention = options.eventRetention ?? DEFAULT_EVENT_RETENTION;
    const limits: LifeLimits = { ...DEFAULT_LIFE_LIMITS, ...options.limits };
    const images = new ImageCache(options.images);
    const hosts = this.#managed;

    const journal = (this.#journal = new Journal(store, {
      lastSeq: stored.lastSeq,
      eventRetention,
      clock,
      logger,
      observer,
      onEvents: (events) => this.events.publish(events),
    }));
    const append = journal.append.bind(journal);
    this.events = new DurableEventLog(stored, { append, retention: eventRetention, logger });
    const reservations = new Reservations(hosts, new Quotas());
    const registry = (this.#registry = new InstanceRegistry({
      hosts,
      journal,
      clock,
      observer,
      reservations,
    }));
    const early = new EarlyCreations({
      registry,
      hosts,
      images,
      logger,
      waiting: (host) => this.#reconciler.depths().get(host)?.waiting ?? 0,
      fold: (event) => this.#reconciler.fold(event),
    });
    const watcher = new HostWatcher({
      registry,
      early,
      reconciler: () => this.#reconciler,
      keeper: () => ({
        domainEvent: (_host, event) => this.warmPools.domainEvent(event),
        keeps: (_host, domain) => this.warmPools.keeps(domain),
        listed: (host, ids) => this.warmPools.listed(host, ids),
      }),
      append,
      logger,
    });
    const machines = new MachineClaims();
    const onThisMachine = new Set<Capacity>();
    for (const { id, driver, doctor, limits: capacity } of options.hosts) {
      const host = new ManagedHost(id, driver, watcher, {
        ...(capacity === undefined ? {} : { limits: capacity }),
        ...(doctor === undefined ? {} : { doctor }),
        callMilliseconds: limits.callMilliseconds,
        resyncMilliseconds: options.resyncMilliseconds ?? DEFAULT_RESYNC_MILLISECONDS,
        machines,
        onThisMachine,
        clock,
        logger,
        observer,
      });
      hosts.set(id, host);
    }
    const editor = new SpecEditor(registry, journal);
    this.#reconciler = new Reconciler({
      registry,
      hosts,
      journal,
      images,
      early,
      limits,
      concurrency: options.concurrency ?? null,
      clock,
      logger,
      random: options.random ?? Math.random,
      expire: (id) => editor.edit(id, markDeleted),
    });
    this.hosts = new HostDirectory(hosts, (id) => registry.table.countOn(id), new Examinations());
    this.operations = new OperationRegistry({ journal, append, clock });
    this.transfers = new OperationImageTransfers({
      exchange: options.exchange,
      operations: this.operations,
      journal,
      append,
      logger,
    });
    this.answers = new AnswerRecords(stored.answers, journal, clock);
    const { lastOrdinal } = stored;
    const acceptor = new Acceptor({
      registry,
      hosts,
      journal,
      images,
      imageSource,
      reservations,
      clock,
      lastOrdinal,
    });
    const edits = instanceEdits(hosts);
    const { operations } = this;
    const { bulkChunk: chunk } = options;
    this.#bulk = new BulkCreate({ registry, acceptor, editor, operations, chunk });
    this.#changes = new BulkChange({ registry, editor, edits, operations, chunk });
    this.instances = new InstanceService({
      registry,
      hosts,
      acceptor,
      editor,
      edits,
      early,
      bulk: this.#bulk,
      changes: this.#changes,
      requireOpen: () => this.#requireOpen(),
      pools: () => this.warmPools,
    });
    for (const instance of stored.instances) {
      const record = fromStored(instance);
      const turn = {
        client: record.instance.owner ?? '',
        flow: record.origin?.operation ?? 'single',
      };
      registry.insert(record, turn, null);
    }
    this.#refill = new Refill({
      hosts,
      journal,
      images,
      clock,
      logger,
      limits,
      random: options.random ?? Math.random,
      pools: () => this.warmPools.pools,
      waiting: (host) => this.#reconciler.depths().get(host)?.waiting ?? 0,
    });
    this.warmPools = new WarmPoolRegistry(
      {
        hosts,
        registry,
        journal,
        images,
        acceptor,
        clock,
        logger,
        requireOpen: () => this.#requireOpen(),
      },
      this.#refill,
      stored.pools,
    );
    this.events.subscribe(({ type, data }) => {
      if (type !== 'build.finished' || this.#stopping) return;
      this.warmPools.built((data.images ?? []) as string[]).catch((error: unknown) => {
        logger.warn({ err: messageOf(error) }, 'warm pools cannot look at what was built');
      });
    });
    this.#storedOperations = stored.operations;
  }

  async start(): Promise<void> {
    for (const { instance } of [...this.#registry.table.values()]) {
      if (this.#managed.has(instance.spec.host)) continue;
      const reason = `Host ${instance.spec.host} is no longer in the configuration.`;
      this.#registry.apply(instance.id, { type: 'host-down', reason });
    }
    const hosts = Promise.all([...this.#managed.values()].map((host) => host.start()));
    await this.#atMost(START_MILLISECONDS, hosts);
    for (const stored of this.#storedOperations) {
      const { kind } = stored.document as OperationDocument;
      if (kind === BULK_KIND) this.#bulk.resume(stored);
      else if (BulkChange.owns(kind)) this.#changes.resume(stored);
      else if (OperationImageTransfers.owns(kind)) this.transfers.resume(stored);
    }
  }

  usesImage(digest: string): boolean {
    return this.#registry.table.countOfImage(digest) > 0 || this.warmPools.usesImage(digest);
  }

  mostUsedImages(limit: number): readonly (readonly [string, number])[] {
    return [...this.#registry.table.images()].sort(([, a], [, b]) => b - a).slice(0, limit);
  }

  depths(): ReturnType<Orchestrator['depths']> {
    return { hosts: this.#reconciler.depths(), journal: this.#journal.depth };
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#refill.stop();
    this.#bulk.stop();
    await this.#atMost(STOP_MILLISECONDS, this.transfers.stop());
    this.#changes.stop();
    await this.#atMost(STOP_MILLISECONDS, this.#reconciler.stop());
    await Promise.all([...this.#managed.values()].map((host) => host.close()));
    await this.#journal.barrier();
  }

  #requireOpen(): void {
    if (!this.#stopping) return;
    throw new UnicoreError('SHUTTING_DOWN', 'The daemon is stopping. Ask again when it is back.', {
      retryAfterSeconds: 5,
    });
  }

  async #atMost(milliseconds: number, work: Promise<unknown>): Promise<void> {
    let cancel: () => void = () => undefined;
    const enough = new Promise<void>((resolve) => {
      cancel = this.#clock.schedule(milliseconds, resolve);
    });
    await Promise.race([work, enough]);
    cancel();
  }
}
