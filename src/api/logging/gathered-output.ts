// SPDX-License-Identifier: BSD-3-Clause
import { write, writeSync } from 'node:fs';
import type { DestinationStream } from 'pino';

/** Asks pino for each line's level: https://github.com/pinojs/pino/blob/main/docs/api.md#metadata. */
const WANTS_LEVEL: unique symbol = Symbol.for('pino.metadata');
const STANDARD_OUTPUT = 1;
/** The number of pino's level for warnings. */
const WARN = 40;
/** How long lines are gathered, unless one is urgent. */
const GATHER_MILLISECONDS = 50;
/** How long the end waits for a reader of what does not block, and how often it looks. */
const END_MILLISECONDS = 5000;
const RETRY_MILLISECONDS = 10;
/** Characters; as many are written at once, however soon. */
const GATHERED_LENGTH = 8 * 1024;
/** What a reader has not taken beyond this many characters is dropped: it would be kept in memory. */
const WAITING_LENGTH = 4 * 1024 * 1024;

/**
 * Standard output for log lines, written in pieces by another thread: a write for each request wakes its reader each time, which takes a
 * tenth of the daemon's time when requests come one after another (measured), and a reader that stands still would hold up everything. A warning,
 * or worse, is written at once, and at the end of the process what is left. Whoever kills the process outright loses the last 50 ms.
 *
 * Logging never ends the process, nor keeps it from its end: what cannot be written (a full disk) is dropped, and once the reader has
 * hung up, all is. pino's own destination dies of the one, and tries for ever at its end in the other case (sonic-boom 4.2).
 */
export class GatheredOutput implements DestinationStream {
  readonly [WANTS_LEVEL] = true;
  /** Of the line that is written next; pino sets it. */
  lastLevel = 0;
  #lines: string[] = [];
  #length = 0;
  /** What is being written, and has not been. */
  #piece: Buffer = Buffer.alloc(0);
  #isWriting = false;
  #hasHungUp = false;
  #timer: NodeJS.Timeout | null = null;

  constructor() {
    process.once('exit', () => {
      this.flushSync();
    });
  }

  write(line: string): void {
    const waiting = this.#piece.length + this.#length;
    if (this.#hasHungUp || waiting + line.length > WAITING_LENGTH) return;
    this.#lines.push(line);
    this.#length += line.length;
    if (this.lastLevel >= WARN || this.#length >= GATHERED_LENGTH) this.flush();
    else this.#flushLater();
  }

  /** Begins to write what was gathered. */
  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#isWriting || !this.#gather()) return;
    this.#isWriting = true;
    write(STANDARD_OUTPUT, this.#piece, (error, count) => {
      this.#isWriting = false;
      this.#settle(error, count);
      const goesOn = this.#piece.length > 0 || this.#length >= GATHERED_LENGTH;
      if (goesOn && error === null) this.flush();
      else if (goesOn || this.#length > 0) this.#flushLater();
    });
  }

  /** Writes what was gathered, before it returns. */
  flushSync(): void {
    // What another thread is writing is not ours any more.
    if (this.#isWriting) this.#piece = Buffer.alloc(0);
    const giveUp = performance.now() + END_MILLISECONDS;
    while (this.#gather()) {
      try {
        this.#settle(null, writeSync(STANDARD_OUTPUT, this.#piece));
      } catch (error) {
        this.#settle(error as NodeJS.ErrnoException, 0);
        if (performance.now() > giveUp) return;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MILLISECONDS);
      }
    }
  }

  #flushLater(): void {
    this.#timer ??= setTimeout(() => {
      this.flush();
    }, GATHER_MILLISECONDS).unref();
  }

  /** Makes a piece of what was gathered, unless there is one. False if there is nothing to write. */
  #gather(): boolean {
    if (this.#piece.length > 0) return true;
    this.#piece = Buffer.from(this.#lines.join(''));
    this.#forget();
    return this.#piece.length > 0;
  }

  #forget(): void {
    this.#lines = [];
    this.#length = 0;
  }

  #settle(error: NodeJS.ErrnoException | null, count: number): void {
    if (error === null) {
      this.#piece = this.#piece.subarray(count);
    } else if (error.code !== 'EAGAIN') {
      this.#piece = Buffer.alloc(0);
      this.#hasHungUp = error.code === 'EPIPE';
      if (this.#hasHungUp) this.#forget();
    }
  }
}
