// SPDX-License-Identifier: BSD-3-Clause
import { isUnicoreError, messageOf } from '../../errors/index.js';
import { timestamp, type Clock } from '../clock.js';
import type { Logger } from '../logger.js';
import type { OrchestratorObserver } from '../observer.js';
import type { EventRecord } from '../ports.js';
import type { StateChange, StateStore, StoredProgress } from './state-store.js';

export type NewEvent = Omit<EventRecord, 'seq' | 'time'>;

export interface JournalOptions {
  readonly lastSeq: number;
  /** How many events are kept. */
  readonly eventRetention: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly observer: OrchestratorObserver;
  /** Is told of events once they are written, in order. */
  readonly onEvents: (events: readonly EventRecord[]) => void;
}

/** What a caller waits for: it is written as a whole, or the caller is told and nothing of it remains. */
interface Acknowledgement {
  readonly durable: boolean;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

type Entry =
  | { readonly kind: 'change'; readonly change: StateChange; readonly ack: Acknowledgement | null }
  | { readonly kind: 'progress'; readonly id: string; progress: StoredProgress; readonly ack: null }
  | { readonly kind: 'event'; readonly event: NewEvent; readonly ack: Acknowledgement | null }
  | { readonly kind: 'barrier'; readonly ack: Acknowledgement };

/** How long what nobody waits for is gathered before it is written. */
const GATHER_MILLISECONDS = 3;
const RETRY_MILLISECONDS = 1_000;
const BATCH_ENTRIES = 1_000;

/**
 * Group commit: one batch is written at a time, and what comes meanwhile makes up the next, so that a thousand creates at once
 * cost a few fsyncs and a single one waits for nobody. What nobody waits for is kept and tried again if the disk is full.
 */
export class Journal {
  readonly #store: StateStore;
  readonly #options: JournalOptions;
  #queue: Entry[] = [];
  readonly #progress = new Map<string, Extract<Entry, { kind: 'progress' }>>();
  #writing: Promise<void> | null = null;
  #cancelTimer: (() => void) | null = null;
  #kicked = false;
  #seq: number;
  #trimmedThrough: number;
  #failing = false;

  constructor(store: StateStore, options: JournalOptions) {
    this.#store = store;
    this.#options = options;
    this.#seq = options.lastSeq;
    this.#trimmedThrough = Math.max(0, options.lastSeq - options.eventRetention);
  }

  /** How many writes wait. */
  get depth(): number {
    return this.#queue.length;
  }

  /**
   * Writes all of this or nothing. With `durable` it is on the disk when the promise resolves.
   * @throws STORAGE_FULL and what else the store reports
   */
  commit(
    changes: readonly StateChange[],
    events: readonly NewEvent[] = [],
    durable = true,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const ack: Acknowledgement = { durable, resolve, reject };
      for (const change of changes) this.#queue.push({ kind: 'change', change, ack });
      for (const event of events) this.#queue.push({ kind: 'event', event, ack });
      if (changes.length + events.length === 0) this.#queue.push({ kind: 'barrier', ack });
      this.#kick();
    });
  }

  /** Resolves when all that was said before is written. */
  barrier(): Promise<void> {
    return this.commit([], [], false);
  }

  /** Will be written soon, once, in the newest version. */
  putProgress(id: string, progress: StoredProgress): void {
    const waiting = this.#progress.get(id);
    if (waiting !== undefined) {
      waiting.progress = progress;
      return;
    }
    const entry = { kind: 'progress', id, progress, ack: null } as const;
    this.#progress.set(id, entry);
    this.#queue.push(entry);
    this.#gather();
  }

  /** Will be written soon, and told to subscribers then. */
  append(event: NewEvent): void {
    if (this.#queue.length > 4 * this.#options.eventRetention) this.#shed();
    this.#queue.push({ kind: 'event', event, ack: null });
    this.#gather();
  }

  /** Events pile up only while nothing can be written. They would have expired: their numbers are skipped, so readers are told. */
  #shed(): void {
    const kept = this.#queue.filter((entry) => entry.kind !== 'event' || entry.ack !== null);
    this.#seq += this.#queue.length - kept.length;
    this.#queue = kept;
  }

  #kick(): void {
    if (this.#kicked || this.#writing !== null) return;
    this.#kicked = true;
    queueMicrotask(() => {
      this.#kicked = false;
      this.#start();
    });
  }

  #gather(milliseconds = GATHER_MILLISECONDS): void {
    if (this.#kicked || this.#writing !== null || this.#cancelTimer !== null) return;
    this.#cancelTimer = this.#options.clock.schedule(milliseconds, () => {
      this.#cancelTimer = null;
      this.#start();
    });
  }

  #start(): void {
    if (this.#writing !== null || this.#queue.length === 0) return;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#writing = this.#write(this.#take()).then((written) => {
      this.#writing = null;
      if (this.#queue.some((entry) => entry.ack !== null)) this.#kick();
      else if (this.#queue.length > 0) this.#gather(written ? undefined : RETRY_MILLISECONDS);
    });
  }

  /** The next batch. What one caller waits for is never split. */
  #take(): Entry[] {
    let count = Math.min(BATCH_ENTRIES, this.#queue.length);
    const last = this.#queue[count - 1]?.ack ?? null;
    while (last !== null && this.#queue[count]?.ack === last) count++;
    const batch = this.#queue.splice(0, count);
    for (const entry of batch) if (entry.kind === 'progress') this.#progress.delete(entry.id);
    return batch;
  }

  async #write(batch: readonly Entry[]): Promise<boolean> {
    const { clock, observer } = this.#options;
    const begun = clock.monotonic();
    const events: EventRecord[] = [];
    const changes: StateChange[] = [];
    const time = timestamp(clock);
    for (const entry of batch) {
      const change = this.#changeOf(entry, this.#seq + events.length + 1, time);
      if (change === null) continue;
      if (change.type === 'append-event') events.push(change.event);
      changes.push(change);
    }
    this.#trim(changes, this.#seq + events.length);
    const acks = new Set(batch.map(({ ack }) => ack).filter((ack) => ack !== null));
    const seconds = () => (clock.monotonic() - begun) / 1000;
    try {
      if (changes.length > 0) {
        await this.#store.commit(
          changes,
          [...acks].some(({ durable }) => durable),
        );
      }
    } catch (error) {
      observer.commit({ changes: changes.length, seconds: seconds(), outcome: codeOf(error) });
      this.#putBack(batch, error);
      for (const { reject } of acks) reject(error);
      return false;
    }
    observer.commit({ changes: changes.length, seconds: seconds(), outcome: 'ok' });
    this.#seq += events.length;
    if (this.#failing) this.#options.logger.info({}, 'the state can be written again');
    this.#failing = false;
    for (const { resolve } of acks) resolve();
    if (events.length > 0) this.#options.onEvents(events);
    return true;
  }

  #changeOf(entry: Entry, seq: number, time: string): StateChange | null {
    switch (entry.kind) {
      case 'change':
        return entry.change;
      case 'progress':
        return { type: 'put-progress', id: entry.id, progress: entry.progress };
      case 'event':
        return { type: 'append-event', event: { seq, time, ...entry.event } };
      case 'barrier':
        return null;
    }
  }

  /** Forgets old events now and then, many at once. A batch that fails leaves more to the next. */
  #trim(changes: StateChange[], lastSeq: number): void {
    const { eventRetention } = this.#options;
    const through = lastSeq - eventRetention;
    if (through - this.#trimmedThrough < eventRetention / 8 || through <= 0) return;
    changes.push({ type: 'trim-events', through });
    this.#trimmedThrough = through;
  }

  #putBack(batch: readonly Entry[], error: unknown): void {
    if (!this.#failing) {
      const fields = { code: codeOf(error), err: messageOf(error) };
      this.#options.logger.error(fields, 'the state cannot be written; it is tried again');
    }
    this.#failing = true;
    const kept = batch.filter(
      (entry) => entry.ack === null && (entry.kind !== 'progress' || !this.#progress.has(entry.id)),
    );
    for (const entry of kept) if (entry.kind === 'progress') this.#progress.set(entry.id, entry);
    this.#queue.unshift(...kept);
  }
}

function codeOf(error: unknown): string {
  return isUnicoreError(error) ? error.code : 'INTERNAL';
}
