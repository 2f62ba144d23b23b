// SPDX-License-Identifier: BSD-3-Clause
import { type FileHandle, open, rename } from 'node:fs/promises';
import { messageOf, UnicoreError } from '../../../../errors/index.js';
import type { Logger } from '../../../logger.js';
import type { ConsoleTaker } from '../event-loop.js';
import type { ConsoleDirectory } from './directory.js';

/** When a log is rotated, and how many older files of it are kept: as script/libvirtd sets it for virtlogd. */
const ROTATE_BYTES = 256 * 1024;
const BACKUPS = 3;

/** Consoles that come as streams over the connection to a host. A number stands for one that is open. */
export interface StreamSource {
  /** @throws HOST_UNAVAILABLE */
  openConsole(id: string, taker: ConsoleTaker): Promise<number>;
  consoleTaken(console: number, bytes: number): Promise<void>;
  writeConsole(console: number, data: Uint8Array): Promise<void>;
  closeConsole(console: number): Promise<void>;
}

interface Recording {
  readonly console: number;
  handle: FileHandle;
  bytes: number;
}

/**
 * Writes consoles that come as streams into the logs that `DomainConsole` reads, as virtlogd does for QEMU: rotated by size. A
 * log is open for writing for as long as its stream is.
 */
export class ConsoleRecorder {
  readonly #directory: ConsoleDirectory;
  readonly #source: StreamSource;
  readonly #logger: Logger;
  readonly #recordings = new Map<string, Recording>();
  /** One thing after the other, of one domain. */
  readonly #queues = new Map<string, Promise<void>>();

  constructor(directory: ConsoleDirectory, source: StreamSource, logger: Logger) {
    this.#directory = directory;
    this.#source = source;
    this.#logger = logger;
  }

  /** Opens a domain's console, unless it is; its log is there when this resolves. */
  async open(id: string): Promise<void> {
    await this.#serially(id, async () => {
      if (this.#recordings.has(id)) return;
      const handle = await open(this.#directory.paths(id).log, 'a', 0o600);
      const { size: bytes } = await handle.stat();
      let console = 0;
      const take = (data: Uint8Array): void => {
        void this.#serially(id, () => this.#append(id, console, data));
      };
      const ended = (): void => {
        void this.#serially(id, () => this.#stop(id, console));
      };
      try {
        console = await this.#source.openConsole(id, { take, ended });
        this.#recordings.set(id, { console, handle, bytes });
      } catch (error) {
        await handle.close();
        throw error;
      }
    });
  }

  /** Closes a domain's console. Its log stays. */
  async close(id: string): Promise<void> {
    await this.#serially(id, async () => {
      const recording = this.#recordings.get(id);
      if (recording === undefined) return;
      await this.#source.closeConsole(recording.console);
      await this.#stop(id, recording.console);
    });
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#recordings.keys()].map((id) => this.close(id)));
    await Promise.all(this.#queues.values());
  }

  /** @throws CONSOLE_UNAVAILABLE */
  async write(id: string, data: Uint8Array): Promise<void> {
    const recording = this.#recordings.get(id);
    if (recording === undefined) {
      throw new UnicoreError(
        'CONSOLE_UNAVAILABLE',
        'the console takes no input: the guest has ended, or another program is attached to its console',
      );
    }
    await this.#source.writeConsole(recording.console, data);
  }

  async #append(id: string, console: number, data: Uint8Array): Promise<void> {
    const recording = this.#recordings.get(id);
    if (recording?.console !== console) return;
    await recording.handle.write(data);
    recording.bytes += data.length;
    if (recording.bytes >= ROTATE_BYTES) await this.#rotate(id, recording);
    await this.#source.consoleTaken(console, data.length);
  }

  async #rotate(id: string, recording: Recording): Promise<void> {
    const { log } = this.#directory.paths(id);
    for (let index = BACKUPS - 1; index > 0; index--) {
      await rename(`${log}.${index - 1}`, `${log}.${index}`).catch(() => undefined);
    }
    await rename(log, `${log}.0`);
    const full = recording.handle;
    recording.handle = await open(log, 'a', 0o600);
    recording.bytes = 0;
    await full.close();
  }

  async #stop(id: string, console: number): Promise<void> {
    const recording = this.#recordings.get(id);
    if (recording?.console !== console) return;
    this.#recordings.delete(id);
    await recording.handle.close();
  }

  async #serially(id: string, work: () => Promise<void>): Promise<void> {
    const before = this.#queues.get(id) ?? Promise.resolve();
    const mine = before.then(work).catch((error: unknown) => {
      this.#logger.warn({ id, error: messageOf(error) }, 'cannot keep what a console prints');
    });
    this.#queues.set(id, mine);
    await mine;
    if (this.#queues.get(id) === mine) this.#queues.delete(id);
  }
}
