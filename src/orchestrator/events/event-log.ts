// SPDX-License-Identifier: BSD-3-Clause
import { messageOf, UnicoreError } from '../../errors/index.js';
import type { Logger } from '../logger.js';
import type { EventLog, EventRecord } from '../ports.js';
import type { NewEvent } from '../state/index.js';

/**
 * The newest events, in memory, behind a journal that makes them durable first. After a power failure the newest numbers
 * may be lost (not after the daemon's own end); who resumes from one of them is told EVENTS_EXPIRED.
 */
export class DurableEventLog implements EventLog {
  readonly #append: (event: NewEvent) => void;
  readonly #retention: number;
  readonly #logger: Logger;
  readonly #listeners = new Set<(event: EventRecord) => void>();
  #events: EventRecord[];
  /** Index of the oldest event that is kept; those before, an eighth at most, are dropped together now and then. */
  #head = 0;
  #lastSeq: number;

  constructor(
    stored: { readonly events: readonly EventRecord[]; readonly lastSeq: number },
    options: {
      readonly append: (event: NewEvent) => void;
      readonly retention: number;
      readonly logger: Logger;
    },
  ) {
    this.#append = options.append;
    this.#retention = options.retention;
    this.#logger = options.logger;
    this.#events = unbroken(stored.events.slice(-options.retention));
    this.#lastSeq = stored.lastSeq;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  append(event: NewEvent): void {
    this.#append(event);
  }

  read(since: number, limit: number): readonly EventRecord[] {
    const first = this.#events[this.#head]?.seq ?? this.#lastSeq + 1;
    if (since > this.#lastSeq || since < first - 1) {
      throw new UnicoreError(
        'EVENTS_EXPIRED',
        `Events after ${since} are not kept: there are ${first} to ${this.#lastSeq}. Take a new snapshot and go on from ${this.#lastSeq}.`,
      );
    }
    const from = this.#head + (since - first + 1);
    return this.#events.slice(from, from + limit);
  }

  subscribe(listener: (event: EventRecord) => void): () => void {
    // A wrapper, so that the same function may subscribe twice.
    const entry = (event: EventRecord): void => listener(event);
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  /** Takes in events that are durable, and tells the subscribers. */
  publish(events: readonly EventRecord[]): void {
    for (const event of events) {
      if (event.seq !== this.#lastSeq + 1) {
        this.#events = [];
        this.#head = 0;
      }
      this.#events.push(event);
      this.#lastSeq = event.seq;
      if (this.#events.length - this.#head > this.#retention) this.#head++;
      if (this.#head > this.#retention / 8) {
        this.#events = this.#events.slice(this.#head);
        this.#head = 0;
      }
      for (const listener of this.#listeners) this.#tell(listener, event);
    }
  }

  #tell(listener: (event: EventRecord) => void, event: EventRecord): void {
    try {
      listener(event);
    } catch (error) {
      this.#logger.error({ err: messageOf(error), seq: event.seq }, 'an event listener failed');
    }
  }
}

/** The newest events that follow one another. Numbers may have been skipped while nothing could be written. */
function unbroken(events: readonly EventRecord[]): EventRecord[] {
  let first = events.length - 1;
  while (first > 0 && events[first - 1]?.seq === (events[first]?.seq ?? 0) - 1) first--;
  return events.slice(Math.max(0, first));
}
