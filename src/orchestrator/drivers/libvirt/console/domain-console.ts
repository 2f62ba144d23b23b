// SPDX-License-Identifier: BSD-3-Clause
import { setTimeout as delay } from 'node:timers/promises';
import type { ConsoleChunk, ConsoleReading } from '../../driver.js';
import type { GuestConsole } from './guest-console.js';
import { type GuestReport, ReportScanner } from './lines.js';
import { type LogPosition, RotatedLog } from './log.js';
import { hasWriter } from './writers.js';

/** How long the last output may take from QEMU through virtlogd into the file. */
const LAST_OUTPUT_MILLISECONDS = 5000;

/**
 * One domain's output: scanned for the guest's reports as it comes, and handed to readers. The log is the only source, so
 * that what was printed while nobody watched is treated as what is printed now.
 */
export class DomainConsole implements GuestConsole {
  readonly #log: RotatedLog;
  readonly #onReport: (report: GuestReport) => void;
  readonly #onRotation: (position: LogPosition | null) => void;
  readonly #scanner = new ReportScanner();
  #scanned = 0;
  #exitSeen = false;
  #ended = false;
  #changed = Promise.withResolvers<undefined>();
  /** Reads of the log, one after the other. */
  #queue: Promise<unknown> = Promise.resolve();
  #scanPending = false;

  /** `anchor` and `onRotation`: which file of the log begins where, known from before and to be remembered. */
  constructor(
    path: string,
    anchor: LogPosition | null,
    onReport: (report: GuestReport) => void,
    onRotation: (position: LogPosition | null) => void,
  ) {
    this.#log = new RotatedLog(path, anchor);
    this.#onReport = onReport;
    this.#onRotation = onRotation;
  }

  /** To be called when the log may have grown. Resolves when all that is there was scanned. */
  async scan(): Promise<void> {
    if (this.#scanPending) return;
    this.#scanPending = true;
    await this.#serially(async () => {
      this.#scanPending = false;
      await this.#scanAll();
    });
  }

  /**
   * To be called once, when the domain has ended: takes in the last output. virtlogd copies it from a pipe, so it may be
   * still to come; the exit report is the last of all, and otherwise virtlogd closes the file when it has everything.
   */
  async finish(): Promise<true> {
    await this.#serially(async () => {
      const giveUp = performance.now() + LAST_OUTPUT_MILLISECONDS;
      for (let pause = 2; ; pause = Math.min(pause * 2, 100)) {
        const written = this.#log.descriptor === null || hasWriter(this.#log.descriptor);
        await this.#scanAll();
        if (this.#exitSeen || !written || performance.now() > giveUp) break;
        if (this.#log.descriptor === null && pause > 16) break; // there never was a log
        await delay(pause);
      }
      const last = this.#scanner.finish();
      if (last !== null) this.#report(last);
      await this.#log.close();
    });
    this.end();
    return true;
  }

  /** Ends all readers, once they have read what there is. */
  end(): void {
    this.#ended = true;
    this.#wakeReaders();
  }

  /** Ends all readers and removes the log. */
  async remove(): Promise<void> {
    this.end();
    await this.#serially(() => this.#log.remove());
  }

  async close(): Promise<void> {
    this.end();
    await this.#serially(() => this.#log.close());
  }

  async *read(
    fromOffset: number,
    { signal, follow = true }: ConsoleReading = {},
  ): AsyncGenerator<ConsoleChunk> {
    const aborted = Promise.withResolvers<undefined>();
    const onAbort = () => aborted.resolve(undefined);
    signal?.addEventListener('abort', onAbort, { once: true });
    let offset = fromOffset;
    try {
      while (signal?.aborted !== true) {
        const changed = this.#changed.promise;
        const ended = this.#ended;
        const chunk = await this.#serially(() => this.#log.read(offset));
        if (chunk !== null) {
          offset = chunk.offset + chunk.data.byteLength;
          yield chunk;
        } else if (ended || !follow) {
          return;
        } else {
          await Promise.race([changed, aborted.promise]);
        }
      }
    } finally {
      signal?.removeEventListener('abort', onAbort);
      if (this.#ended) await this.#serially(() => this.#log.close());
    }
  }

  async #scanAll(): Promise<void> {
    const before = this.#log.position?.inode;
    for (;;) {
      const chunk = await this.#log.read(this.#scanned);
      if (chunk === null) break;
      this.#scanned = chunk.offset + chunk.data.byteLength;
      for (const report of this.#scanner.scan(chunk.data)) this.#report(report);
      this.#wakeReaders();
    }
    if (this.#log.position?.inode !== before) this.#onRotation(this.#log.position);
  }

  #report(report: GuestReport): void {
    if (report.type === 'exit') this.#exitSeen = true;
    this.#onReport(report);
  }

  #wakeReaders(): void {
    this.#changed.resolve(undefined);
    this.#changed = Promise.withResolvers();
  }

  #serially<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => undefined);
    return result;
  }
}
