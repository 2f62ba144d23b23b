// SPDX-License-Identifier: BSD-3-Clause
import { EventEmitter, once } from 'node:events';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import { errnoOf } from '../durable-file.js';
import type { BuildLogChunk } from '../ports.js';

const CHUNK_BYTES = 64 * 1024;

/** The log of one build: a file that grows until the build ends, and that any number of readers can follow. */
export class BuildLog {
  readonly #path: string;
  readonly #events = new EventEmitter().setMaxListeners(0);
  /** What is appended, one piece after another. It never rejects. */
  #writing: Promise<void>;
  #pending: Buffer[] = [];
  #size: number;
  #ended: boolean;
  #failure: unknown = null;

  private constructor(path: string, size: number, ended: boolean, ready: Promise<void>) {
    this.#path = path;
    this.#writing = ready;
    this.#size = size;
    this.#ended = ended;
  }

  /** Begins the log of a new build. It is written to once `ready`, which must not reject, has resolved. */
  static begin(path: string, ready: Promise<void>): BuildLog {
    return new BuildLog(path, 0, false, ready);
  }

  /** Opens the log of a build that has ended. A log that is not there is empty. */
  static async ended(path: string): Promise<BuildLog> {
    try {
      return new BuildLog(path, (await stat(path)).size, true, Promise.resolve());
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return new BuildLog(path, 0, true, Promise.resolve());
      throw error;
    }
  }

  /** Bytes that are written. */
  get size(): number {
    return this.#size;
  }

  append(data: Buffer | string): void {
    this.#pending.push(Buffer.from(data));
    if (this.#pending.length === 1) this.#writing = this.#writing.then(() => this.#flush());
  }

  /**
   * Ends the log when all of it is written; readers that followed come to their end.
   * @throws the error of the file, if it could not be written
   */
  async end(): Promise<void> {
    await this.#writing;
    this.#ended = true;
    this.#events.emit('change');
    if (this.#failure !== null) throw this.#failure as Error;
  }

  /** The log from a byte offset on, until it ends or the signal fires. Characters are never split. */
  async *read(fromOffset: number, signal?: AbortSignal): AsyncGenerator<BuildLogChunk> {
    const decoder = new StringDecoder('utf8');
    let file: FileHandle | null = null;
    let readTo = Math.max(0, fromOffset);
    let textFrom = readTo;
    try {
      for (;;) {
        if (signal?.aborted === true) return;
        if (readTo >= this.#size) {
          if (this.#ended) break;
          if (!(await this.#change(signal))) return;
          continue;
        }
        file ??= await open(this.#path, 'r');
        const length = Math.min(CHUNK_BYTES, this.#size - readTo);
        const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, readTo);
        if (bytesRead === 0) break;
        readTo += bytesRead;
        const text = decoder.write(buffer.subarray(0, bytesRead));
        if (text === '') continue;
        yield { offset: textFrom, text };
        textFrom += Buffer.byteLength(text);
      }
      const rest = decoder.end();
      if (rest !== '') yield { offset: textFrom, text: rest };
    } finally {
      await file?.close();
    }
  }

  /** Waits until the log grows or ends. False if the signal fires first. */
  async #change(signal: AbortSignal | undefined): Promise<boolean> {
    try {
      await once(this.#events, 'change', signal === undefined ? {} : { signal });
      return true;
    } catch (error) {
      if (signal?.aborted === true) return false;
      throw error;
    }
  }

  async #flush(): Promise<void> {
    const data = Buffer.concat(this.#pending);
    this.#pending = [];
    try {
      const file = await open(this.#path, 'a');
      try {
        await file.writeFile(data);
      } finally {
        await file.close();
      }
      this.#size += data.length;
      this.#events.emit('change');
    } catch (error) {
      this.#failure ??= error;
    }
  }
}
