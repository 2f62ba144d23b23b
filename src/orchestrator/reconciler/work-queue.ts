// SPDX-License-Identifier: BSD-3-Clause
import type { Clock } from '../clock.js';
import { Turns } from './turns.js';

/** Where a key is to wait for its turn; or how long it can be left alone; or null if there is nothing to do for it. */
export type Placement<Lane extends string> =
  | { readonly lane: Lane; readonly client: string; readonly flow: string }
  | { readonly waitMilliseconds: number }
  | null;

export interface WorkQueueOptions<Lane extends string> {
  /** How many keys of each lane are worked on at the same time; asked each time, so that it may change. */
  readonly lanes: Readonly<Record<Lane, () => number>>;
  readonly place: (key: string) => Placement<Lane>;
  /** Does one step for a key. It must not reject. */
  readonly run: (key: string) => Promise<void>;
  readonly clock: Clock;
}

export interface WorkQueueDepth {
  readonly waiting: number;
  readonly running: number;
  readonly delayed: number;
}

/**
 * Keys that need work. A key is worked on by one at a time and waits in one place at most, however often it is poked. Within
 * a lane, clients take turns, and within a client its flows: neither ten thousand keys of one flow nor a hundred flows of one
 * client hold up the single key of another.
 */
export class WorkQueue<Lane extends string> {
  readonly #options: WorkQueueOptions<Lane>;
  readonly #lanes: ReadonlyMap<Lane, FairLane>;
  readonly #waiting = new Map<string, FairLane>();
  readonly #running = new Map<string, { dirty: boolean }>();
  readonly #timers = new Map<string, () => void>();
  #stopped = false;
  #onIdle: (() => void)[] = [];

  constructor(options: WorkQueueOptions<Lane>) {
    this.#options = options;
    const entries = Object.entries(options.lanes) as [Lane, () => number][];
    this.#lanes = new Map(entries.map(([lane, limit]) => [lane, new FairLane(limit)]));
  }

  get depth(): WorkQueueDepth {
    return {
      waiting: this.#waiting.size,
      running: this.#running.size,
      delayed: this.#timers.size,
    };
  }

  isRunning(key: string): boolean {
    return this.#running.has(key);
  }

  /** Something about the key has changed: looks where it belongs now. */
  poke(key: string): void {
    if (this.#stopped) return;
    const running = this.#running.get(key);
    if (running !== undefined) {
      running.dirty = true;
      return;
    }
    this.#timers.get(key)?.();
    this.#timers.delete(key);
    this.#place(key);
    this.#dispatch();
  }

  /** Starts nothing more, and resolves when what runs has ended. */
  stop(): Promise<void> {
    this.#stopped = true;
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    if (this.#running.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  #place(key: string): void {
    const placement = this.#options.place(key);
    const before = this.#waiting.get(key);
    const lane =
      placement !== null && 'lane' in placement ? this.#lanes.get(placement.lane) : undefined;
    if (before !== undefined && before !== lane) {
      before.remove(key);
      this.#waiting.delete(key);
    }
    if (placement === null) return;
    if ('lane' in placement) {
      if (lane === undefined || before === lane) return;
      lane.add(key, placement.client, placement.flow);
      this.#waiting.set(key, lane);
      return;
    }
    const cancel = this.#options.clock.schedule(Math.ceil(placement.waitMilliseconds), () => {
      this.#timers.delete(key);
      this.poke(key);
    });
    this.#timers.set(key, cancel);
  }

  #dispatch(): void {
    for (const lane of this.#lanes.values()) {
      for (let key = lane.take(); key !== null; key = lane.take()) this.#start(key, lane);
    }
  }

  #start(key: string, lane: FairLane): void {
    this.#waiting.delete(key);
    this.#running.set(key, { dirty: false });
    void this.#options.run(key).finally(() => {
      lane.done();
      this.#running.delete(key);
      if (this.#stopped) {
        if (this.#running.size === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
        return;
      }
      // Looked at again in any case: the step may have led to the next one.
      this.poke(key);
      this.#dispatch();
    });
  }
}

/** A lane with a bounded number of keys at work. */
class FairLane {
  readonly #turns = new Turns();
  #atWork = 0;

  constructor(private readonly limit: () => number) {}

  add(key: string, client: string, flow: string): void {
    this.#turns.add(key, client, flow);
  }

  remove(key: string): void {
    this.#turns.remove(key);
  }

  /** The next key, which is then at work until `done`; null if none waits or the lane is full. */
  take(): string | null {
    if (this.#atWork >= this.limit()) return null;
    const key = this.#turns.take();
    if (key !== null) this.#atWork++;
    return key;
  }

  done(): void {
    this.#atWork--;
  }
}
