// SPDX-License-Identifier: BSD-3-Clause
import type { Duplex } from 'node:stream';
import { UnicoreError } from '../../../../errors/index.js';
import { XenstoreRefusal } from './refusal.js';
import { encodeMessage, MESSAGE, MessageReader, type Message, stringsOf } from './wire.js';

/** Requests that may wait for their replies at the same time. */
const MOST_REQUESTS = 4096;
/** The longest name of an error, and more. */
const MOST_REASON_BYTES = 32;
const REQUEST_IDS = 2 ** 32;

export interface ConnectionOptions {
  /** For people: whose xenstored it is. */
  readonly description: string;
  /** How long a reply may take, milliseconds. One that does not come in time ends the connection: what was asked for may be done yet. */
  readonly timeoutMilliseconds: number;
  /** A watch has fired. */
  readonly onEvent: (path: string, token: string) => void;
}

interface Waiting {
  readonly type: number;
  readonly what: string;
  readonly timer: NodeJS.Timeout;
  readonly resolve: (payload: Buffer) => void;
  readonly reject: (error: UnicoreError) => void;
}

/**
 * Requests to xenstored and their replies, over any stream that reaches its socket. Requests do not wait for each other: each has an
 * id, which the reply names. xenstored is believed as little as a stranger: what breaks the protocol ends the connection.
 */
export class Connection {
  /** Resolves when nothing more will come. */
  readonly ended: Promise<void>;
  readonly #stream: Duplex;
  readonly #options: ConnectionOptions;
  readonly #reader = new MessageReader();
  readonly #waiting = new Map<number, Waiting>();
  readonly #end = Promise.withResolvers<undefined>();
  #lastId = 0;
  #failure: UnicoreError | null = null;

  constructor(stream: Duplex, options: ConnectionOptions) {
    this.#stream = stream;
    this.#options = options;
    this.ended = this.#end.promise;
    stream.on('data', (piece: Buffer) => this.#take(piece));
    stream.on('error', (error) => this.#fail(this.#lost(error.message)));
    stream.on('close', () => this.#fail(this.#lost('it was closed')));
    stream.on('end', () => this.#fail(this.#lost('it was closed')));
    if (stream.destroyed) this.#fail(this.#lost('it was closed'));
  }

  /**
   * `what`: for people, as in `read /local`.
   * @throws XenstoreRefusal, HOST_UNAVAILABLE, DEADLINE_EXCEEDED, QUEUE_FULL
   */
  request(type: number, transaction: number, payload: Buffer, what: string): Promise<Buffer> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    if (this.#waiting.size >= MOST_REQUESTS) {
      const detail = `${MOST_REQUESTS} requests wait for xenstored of ${this.#options.description}.`;
      return Promise.reject(new UnicoreError('QUEUE_FULL', detail));
    }
    const requestId = this.#nextId();
    let bytes: Buffer;
    try {
      bytes = encodeMessage({ type, requestId, transaction, payload });
    } catch {
      return Promise.reject(new XenstoreRefusal(what, 'E2BIG'));
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => this.#fail(this.#late(what)),
        this.#options.timeoutMilliseconds,
      );
      this.#waiting.set(requestId, { type, what, timer, resolve, reject });
      this.#stream.write(bytes);
    });
  }

  close(): void {
    this.#fail(this.#lost('it was closed from here'));
  }

  #nextId(): number {
    do this.#lastId = (this.#lastId + 1) % REQUEST_IDS;
    while (this.#waiting.has(this.#lastId));
    return this.#lastId;
  }

  #take(piece: Buffer): void {
    if (this.#failure !== null) return;
    try {
      for (const message of this.#reader.push(piece)) this.#dispatch(message);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#fail(this.#lost(`it broke the protocol: ${error.message}`));
    }
  }

  /** @throws RangeError for what cannot come now */
  #dispatch({ type, requestId, payload }: Message): void {
    if (type === MESSAGE.WATCH_EVENT) {
      const [path, token] = stringsOf(payload);
      if (path === undefined || token === undefined) throw new RangeError('half an event');
      this.#options.onEvent(path, token);
      return;
    }
    const waiting = this.#waiting.get(requestId);
    if (waiting === undefined) throw new RangeError('a reply to nothing that was asked');
    if (type !== waiting.type && type !== MESSAGE.ERROR) throw new RangeError('a wrong reply');
    this.#waiting.delete(requestId);
    clearTimeout(waiting.timer);
    if (type === waiting.type) waiting.resolve(payload);
    else waiting.reject(new XenstoreRefusal(waiting.what, reasonOf(payload)));
  }

  #fail(failure: UnicoreError): void {
    if (this.#failure !== null) return;
    this.#failure = failure;
    for (const { timer, reject } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(failure);
    }
    this.#waiting.clear();
    this.#stream.destroy();
    this.#end.resolve(undefined);
  }

  #lost(why: string): UnicoreError {
    const { description } = this.#options;
    return new UnicoreError(
      'HOST_UNAVAILABLE',
      `No connection to xenstored of ${description}: ${why}.`,
    );
  }

  #late(what: string): UnicoreError {
    const { description } = this.#options;
    return new UnicoreError(
      'DEADLINE_EXCEEDED',
      `xenstored of ${description} did not ${what} in time.`,
    );
  }
}

function reasonOf(payload: Buffer): string {
  const [reason = ''] = payload.subarray(0, MOST_REASON_BYTES).toString('latin1').split('\0');
  return /^E[A-Z0-9]+$/.test(reason) ? reason : 'EIO';
}
