// SPDX-License-Identifier: BSD-3-Clause
import { isUnicoreError, UnicoreError } from '../../errors/index.js';
import type { EventLog, EventRecord } from '../../orchestrator/ports.js';
import { eventRequestSchema, type EventRequest, type EventSnapshot } from '../../wire/index.js';
import { problemOf, toUnicoreError } from '../http/problem.js';
import { parseWith } from '../http/validation.js';
import type { PacedSocket } from '../websocket/paced-socket.js';
import { EventFilter } from './event-filter.js';
import { snapshotPages, type SnapshotSources } from './snapshot.js';

const MAXIMUM_SUBSCRIPTIONS = 16;
const READ_BATCH = 500;

type Subscribe = Extract<EventRequest, { op: 'subscribe' }>;

interface Subscription {
  readonly filter: EventFilter;
  /** The newest event that it has been judged by. */
  position: number;
  /** False while it catches up from the log; then it is not fed live. */
  live: boolean;
}

export interface EventSessionOptions extends SnapshotSources {
  readonly events: EventLog;
  readonly frameOf: (event: EventRecord) => string;
}

/**
 * One client of `/v1/events`. A subscription first gets a snapshot, or the events since the one that the client has seen,
 * at the client's own pace and from the durable log; when it has caught up, it is fed live, within the socket's budget.
 */
export class EventSession {
  readonly #subscriptions = new Map<number, Subscription>();

  constructor(
    private readonly socket: PacedSocket,
    private readonly options: EventSessionOptions,
  ) {
    socket.onMessage((data, binary) => {
      this.#receive(data, binary);
    });
  }

  /** Takes an event from the log. Sends it once, however many subscriptions it fits. */
  deliver(event: EventRecord): void {
    let wanted = false;
    for (const subscription of this.#subscriptions.values()) {
      if (!subscription.live || event.seq <= subscription.position) continue;
      subscription.position = event.seq;
      wanted = subscription.filter.matches(event) || wanted;
    }
    if (wanted) this.socket.send(this.options.frameOf(event));
  }

  #receive(data: Buffer, binary: boolean): void {
    let id: number | null = null;
    try {
      if (binary) throw new UnicoreError('INVALID_REQUEST', 'Send text frames with JSON.');
      const message = parseJson(data);
      id = idOf(message);
      const request = parseWith(eventRequestSchema, message);
      if (request.op === 'subscribe') this.#subscribe(request);
      else this.#unsubscribe(request.id, request.subscription);
    } catch (error) {
      const problem = problemOf(toUnicoreError(error), 'POST');
      this.socket.send(JSON.stringify({ id, ok: false, error: problem }));
    }
  }

  #unsubscribe(id: number, subscription: number): void {
    if (!this.#subscriptions.delete(subscription)) {
      throw new UnicoreError('INVALID_REQUEST', `There is no subscription ${subscription}.`);
    }
    this.socket.send(JSON.stringify({ id, ok: true }));
  }

  #subscribe(request: Subscribe): void {
    if (this.#subscriptions.has(request.id)) {
      throw new UnicoreError(
        'INVALID_REQUEST',
        `The subscription ${request.id} exists. Use another id.`,
      );
    }
    if (this.#subscriptions.size >= MAXIMUM_SUBSCRIPTIONS) {
      throw new UnicoreError(
        'TOO_MANY_REQUESTS',
        `A connection has at most ${MAXIMUM_SUBSCRIPTIONS} subscriptions. Unsubscribe, or open another connection.`,
      );
    }
    const filter = new EventFilter(request.kinds, request.selector, this.options.instances);
    const { lastSeq } = this.options.events;
    // A client from before the log was lost may name an event that never was; it gets a snapshot.
    const resumable = request.since !== undefined && request.since <= lastSeq;
    const subscription = {
      filter,
      position: resumable ? (request.since ?? lastSeq) : lastSeq,
      live: false,
    };
    this.#subscriptions.set(request.id, subscription);
    this.socket.send(JSON.stringify({ id: request.id, ok: true }));
    this.#catchUp(request, subscription, !resumable).catch((error: unknown) => {
      this.socket.fail(error);
    });
  }

  async #catchUp(request: Subscribe, subscription: Subscription, snapshot: boolean): Promise<void> {
    let needsSnapshot = snapshot;
    while (this.#isCurrent(request.id, subscription)) {
      if (needsSnapshot) await this.#sendSnapshot(request, subscription);
      needsSnapshot = false;
      try {
        if (await this.#replay(request, subscription)) return;
      } catch (error) {
        if (!isUnicoreError(error, 'EVENTS_EXPIRED')) throw error;
        needsSnapshot = true;
      }
    }
  }

  /** Sends what the log has after the subscription's position. Returns true when there is no more and it is fed live. */
  async #replay(request: Subscribe, subscription: Subscription): Promise<boolean> {
    while (this.#isCurrent(request.id, subscription)) {
      const batch = this.options.events.read(subscription.position, READ_BATCH);
      if (batch.length === 0) {
        // Nothing can come between this and the reading above: both run in one turn.
        subscription.live = true;
        return true;
      }
      for (const event of batch) {
        subscription.position = event.seq;
        if (subscription.filter.matches(event)) {
          await this.socket.sendPaced(this.options.frameOf(event));
        }
      }
    }
    return true;
  }

  async #sendSnapshot(request: Subscribe, subscription: Subscription): Promise<void> {
    // What happens while the pages are made comes again as events: `seq` is from before the first page.
    const seq = this.options.events.lastSeq;
    subscription.position = seq;
    let held: EventSnapshot | null = null;
    for (const kind of new Set(request.kinds)) {
      for await (const items of snapshotPages(kind, subscription.filter, this.options)) {
        if (held !== null) await this.socket.sendPaced(JSON.stringify(held));
        if (!this.#isCurrent(request.id, subscription)) return;
        held = { id: request.id, op: 'snapshot', kind, seq, items: [...items], last: false };
      }
    }
    if (held !== null) await this.socket.sendPaced(JSON.stringify({ ...held, last: true }));
  }

  #isCurrent(id: number, subscription: Subscription): boolean {
    return this.socket.open && this.#subscriptions.get(id) === subscription;
  }
}

function parseJson(data: Buffer): unknown {
  try {
    return JSON.parse(data.toString('utf8'));
  } catch {
    throw new UnicoreError('MALFORMED_JSON', 'The message could not be read as JSON.');
  }
}

function idOf(message: unknown): number | null {
  const id = (message as { readonly id?: unknown } | null)?.id;
  return typeof id === 'number' && Number.isSafeInteger(id) ? id : null;
}
