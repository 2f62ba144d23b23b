// SPDX-License-Identifier: BSD-3-Clause
import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  openSqliteStateStore,
  type Client,
  type CreateInstance,
  type Orchestrator,
  type StateStore,
} from '../../../../src/orchestrator/index.js';
import { Boundaries, FakeClock, settle, simImage, World, type Death } from '../../../sim/index.js';
import { Ledger } from '../in-step.js';

const MIB = 2 ** 20;
export const HELLO = simImage('hello');
/** What the end of a process takes is not what a power failure takes: a disk in memory is as good, and quicker to sync. */
const MEMORY = '/dev/shm';
const ANNA: Client = { name: 'anna', quota: { instances: 50 } };

/** Each takes some time, so that calls, writes and events come in between one another. */
const LATENCY = {
  create: 4,
  destroy: 4,
  pause: 3,
  resume: 3,
  claim: 3,
  list: 1,
  boot: 3,
  event: 2,
};

/** Knows when nothing is being written. */
class WatchedStore implements StateStore {
  /** Resolves, or rejects, when what is being written is; null if nothing is. */
  writing: Promise<void> | null = null;

  constructor(private readonly inner: StateStore) {}

  get stateId(): string {
    return this.inner.stateId;
  }

  load(): ReturnType<StateStore['load']> {
    return this.inner.load();
  }

  async commit(...args: Parameters<StateStore['commit']>): Promise<void> {
    this.writing = this.inner.commit(...args);
    try {
      await this.writing;
    } finally {
      this.writing = null;
    }
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}

/** A world whose orchestrator writes to a real database, dies, and is started again on what the disk then held. */
export class CrashBed {
  readonly ledger = new Ledger();
  readonly clock: FakeClock;
  readonly world: World;
  boundaries = new Boundaries(null, () => undefined);
  #store: WatchedStore;
  #life = 0;

  private constructor(
    private readonly directory: string,
    store: StateStore,
  ) {
    this.#store = new WatchedStore(store);
    this.clock = new FakeClock(async () => {
      await settle();
      while (this.#store.writing !== null) {
        await this.#store.writing;
        await settle();
      }
    });
    const host = { memoryBytes: 1024 * MIB, latency: LATENCY };
    this.world = World.prepare({
      clock: this.clock,
      images: [HELLO],
      hosts: { one: host, two: host },
      store: this.#store,
      orchestrator: { random: () => 0.5, bulkChunk: 2 },
    });
  }

  static async begin(): Promise<CrashBed> {
    const directory = await mkdtemp(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'unicore-crash-'));
    const bed = new CrashBed(directory, await openSqliteStateStore(join(directory, '0')));
    for (const host of bed.world.hosts.values()) {
      const id = randomUUID();
      host.addStranger(id);
      bed.ledger.strangers.set(id, host);
    }
    await bed.#start();
    return bed;
  }

  /** From now on the orchestrator comes to an end there, or none. */
  expectDeath(death: Death | null): void {
    this.boundaries = new Boundaries(death, () => this.world.kill());
    this.world.around = this.boundaries.around;
  }

  /** Starts another orchestrator on a copy of the files as they were at the end of the last one. */
  async comeBack(next: Death | null = null): Promise<void> {
    // What the dead one had asked of its hosts still happens.
    await this.clock.advance(20);
    const dead = this.#store;
    const directory = join(this.directory, `${++this.#life}`);
    await cp(join(this.directory, `${this.#life - 1}`), directory, { recursive: true });
    this.#store = new WatchedStore(await openSqliteStateStore(directory));
    await dead.close();
    this.expectDeath(next);
    await this.#start();
  }

  async end(): Promise<void> {
    if (!this.boundaries.isDead) await this.world.stop();
    await this.#store.close();
    await rm(this.directory, { recursive: true });
  }

  /** As asked for by a client with a quota. */
  request(changes: Partial<CreateInstance> = {}): CreateInstance {
    const source = { image: HELLO.manifest.digest };
    return { client: ANNA, source, memoryBytes: 8 * MIB, ...changes };
  }

  /**
   * Asks, if there is somebody to ask, and notes what is answered. Nothing may be refused here, and what is cut short is never
   * answered.
   */
  ask<T>(
    request: (orchestrator: Orchestrator) => Promise<T>,
    answered: (answer: T) => unknown = () => undefined,
  ): void {
    if (!this.boundaries.isDead) void request(this.world.orchestrator).then(answered);
  }

  create(changes: Partial<CreateInstance> = {}): void {
    this.ask(
      ({ instances }) => instances.create(this.request(changes)),
      ({ id }) => this.ledger.accepted.add(id),
    );
  }

  delete(id: string, graceSeconds = 0): void {
    this.ledger.doomed.add(id);
    this.ask(
      ({ instances }) => instances.delete(id, undefined, graceSeconds),
      () => this.ledger.deleted.add(id),
    );
  }

  async #start(): Promise<void> {
    const progress = { started: false };
    const start = this.world.start(this.#store).then(() => {
      progress.started = true;
    });
    // One that dies while it starts never has.
    while (!this.boundaries.isDead && !progress.started) await this.clock.advance(100);
    if (progress.started) await start;
  }
}
