// SPDX-License-Identifier: BSD-3-Clause
import { WebSocket, type RawData } from 'ws';
import { UnicoreError, type ErrorCode } from '../../errors/index.js';

/** Close codes of RFC 6455 and its registry. */
export const CLOSE = {
  normal: 1000,
  goingAway: 1001,
  policyViolation: 1008,
  internalError: 1011,
  tryAgainLater: 1013,
} as const;

/** What a client may leave unread. Past it, the connection is closed with 1013. */
export const BYTE_BUDGET = 4 * 1024 * 1024;
const PACE_BYTES = 256 * 1024;
const PING_MILLISECONDS = 20_000;

export interface PacedSocketOptions {
  readonly byteBudget?: number;
  readonly onSlow: () => void;
  /** Is told of an error that was not foreseen. */
  readonly onError: (error: unknown) => void;
}

/** One WebSocket with a byte budget, a pace for bulk, and a keepalive that ends connections whose client is gone. */
export class PacedSocket {
  readonly #budget: number;
  readonly #keepalive: NodeJS.Timeout;
  readonly #closed = new AbortController();
  #alive = true;

  constructor(
    private readonly socket: WebSocket,
    private readonly options: PacedSocketOptions,
  ) {
    this.#budget = options.byteBudget ?? BYTE_BUDGET;
    this.#keepalive = setInterval(() => {
      this.#ping();
    }, PING_MILLISECONDS);
    socket.on('pong', () => {
      this.#alive = true;
    });
    socket.on('close', () => {
      clearInterval(this.#keepalive);
      this.#closed.abort();
    });
    // What is wrong with a frame ends the connection by itself; a handler keeps it from ending the process.
    socket.on('error', () => {
      this.#alive = false;
    });
  }

  /** Fires when the connection is closed, by either side. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  get open(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  /** Sends now. If the client has left more unread than its budget, closes the connection instead: nothing is dropped silently. */
  send(data: string | Uint8Array): void {
    if (!this.open) return;
    if (this.socket.bufferedAmount > this.#budget) {
      this.options.onSlow();
      this.close(CLOSE.tryAgainLater, 'too slow: resume or resync');
      return;
    }
    this.socket.send(data, { binary: typeof data !== 'string' });
  }

  /** Sends, and resolves when the client has taken enough for more to be worth making. For bulk that can wait. */
  async sendPaced(data: string | Uint8Array): Promise<void> {
    if (!this.open) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        this.closed.removeEventListener('abort', done);
        resolve();
      };
      this.closed.addEventListener('abort', done, { once: true });
      this.socket.send(data, { binary: typeof data !== 'string' }, done);
      if (this.socket.bufferedAmount < PACE_BYTES) done();
    });
  }

  /** Hands each message to `handle`, one after another; the client is not read while one is handled. */
  onMessage(handle: (data: Buffer, binary: boolean) => Promise<void> | void): void {
    let last = Promise.resolve();
    this.socket.on('message', (data, binary) => {
      this.socket.pause();
      last = last
        .then(() => (this.open ? handle(toBuffer(data), binary) : undefined))
        .catch((error: unknown) => {
          this.fail(error);
        })
        .finally(() => {
          this.socket.resume();
        });
    });
  }

  close(code: number, reason: string): void {
    // A reason is at most 123 bytes in a close frame (RFC 6455, 5.5).
    this.socket.close(
      code,
      Buffer.from(reason).subarray(0, 120).toString().replaceAll('\ufffd', ''),
    );
    // A client that reads nothing does not answer the close either.
    setTimeout(() => {
      this.socket.terminate();
    }, 5_000).unref();
  }

  /** Closes with the code that fits the error; the reason starts with the error's own code. */
  fail(error: unknown): void {
    if (error instanceof UnicoreError) {
      this.close(closeCodeOf(error.code), `${error.code}: ${error.message}`);
    } else {
      this.options.onError(error);
      this.close(CLOSE.internalError, 'INTERNAL');
    }
  }

  #ping(): void {
    if (!this.#alive) {
      this.socket.terminate();
      return;
    }
    this.#alive = false;
    this.socket.ping();
  }
}

function closeCodeOf(code: ErrorCode): number {
  if (code === 'QUEUE_FULL') return CLOSE.tryAgainLater;
  return code === 'SHUTTING_DOWN' ? CLOSE.goingAway : CLOSE.policyViolation;
}

function toBuffer(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
