// SPDX-License-Identifier: BSD-3-Clause
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';

const CHUNK_BYTES = 65_536;

/** A small file system over a directory, in a mount namespace of its own that lives as long as this object: it is gone when its processes are. */
export class SmallDisk {
  readonly #holder: ChildProcess;
  readonly #directory: string;

  private constructor(holder: ChildProcess, directory: string) {
    this.#holder = holder;
    this.#directory = directory;
  }

  static async mount(directory: string, bytes: number): Promise<SmallDisk> {
    const script = 'mount -t tmpfs -o "size=$2,mode=700" none "$1" && echo mounted && exec cat';
    const holder = spawn(
      'unshare',
      ['--mount', '--', 'sh', '-c', script, 'sh', directory, String(bytes)],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    const outcomes = [once(holder.stdout, 'data'), once(holder, 'exit')];
    const [outcome] = (await Promise.race(outcomes)) as unknown[];
    if (!Buffer.isBuffer(outcome)) throw new Error('a file system cannot be mounted here');
    return new SmallDisk(holder, directory);
  }

  /** What is put before a command, so that it sees the disk. */
  get entering(): readonly string[] {
    return ['nsenter', `--mount=/proc/${this.#holder.pid ?? 0}/ns/mnt`, '--'];
  }

  /** Where this process sees a path that is on the disk. */
  seen(path: string): string {
    return `/proc/${this.#holder.pid ?? 0}/root${path}`;
  }

  /** Leaves room for nothing. */
  async fill(): Promise<void> {
    const file = await open(this.#ballast, 'a');
    try {
      for (let size = CHUNK_BYTES; size >= 1;) {
        try {
          await file.appendFile(Buffer.alloc(size));
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
          size = Math.floor(size / 2);
        }
      }
    } finally {
      await file.close();
    }
  }

  async free(): Promise<void> {
    await rm(this.#ballast);
  }

  async unmount(): Promise<void> {
    const exited = once(this.#holder, 'exit');
    this.#holder.stdin?.end();
    await exited;
  }

  get #ballast(): string {
    return this.seen(join(this.#directory, 'ballast'));
  }
}
