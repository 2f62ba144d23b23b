// SPDX-License-Identifier: BSD-3-Clause
import { type FileHandle, open, rm, stat } from 'node:fs/promises';
import type { ConsoleChunk } from '../../driver.js';

/**
 * A file of the log, and the offset of its first byte in all that the domain has printed. The inode alone could be used
 * again for a younger file.
 */
export interface LogPosition {
  readonly inode: number;
  readonly bornMilliseconds: number;
  readonly base: number;
}

interface LogFile extends LogPosition {
  readonly path: string;
  readonly size: number;
}

/** virtlogd keeps `max_backups` old files (3 unless configured), `<log>.0` being the youngest. */
const MAX_BACKUPS = 16;
const CHUNK_BYTES = 64 * 1024;

/**
 * Reads a log that virtlogd writes and rotates, by offsets that count all bytes ever written. virtlogd keeps no such
 * count, so the log remembers which file began at which offset, and follows the files as they are renamed.
 */
export class RotatedLog {
  readonly #path: string;
  #anchor: LogPosition | null;
  #current: { readonly file: LogFile; readonly handle: FileHandle } | null = null;

  /** `anchor`: what `position` was at an earlier time, in an earlier process. */
  constructor(path: string, anchor: LogPosition | null = null) {
    this.#path = path;
    this.#anchor = anchor;
  }

  /** The youngest file and its offset, for the constructor; null before there is one. */
  get position(): LogPosition | null {
    return this.#anchor;
  }

  /** The next output at or after `offset`, or null if there is none yet. Calls must not overlap. */
  async read(offset: number): Promise<ConsoleChunk | null> {
    const current = this.#current ?? (await this.#openYoungest());
    if (current === null) return null;
    if (offset >= current.file.base) {
      const chunk = await readFrom(current.handle, current.file.base, offset);
      if (chunk !== null || !(await this.#wasRotated(current.file))) return chunk;
      // What was written between the read and the rotation, then the next file.
      const rest = await readFrom(current.handle, current.file.base, offset);
      if (rest !== null) return rest;
      await this.close();
      return this.read(offset);
    }
    return this.#readOlder(offset);
  }

  /** Closes the file that is kept open for reading; a later read opens it again. */
  async close(): Promise<void> {
    const current = this.#current;
    this.#current = null;
    await current?.handle.close();
  }

  /** Whether the file can be asked about its writers; see `hasWriter`. */
  get descriptor(): number | null {
    return this.#current?.handle.fd ?? null;
  }

  /** Removes all of its files. */
  async remove(): Promise<void> {
    await this.close();
    await Promise.all(backupPaths(this.#path).map((path) => rm(path, { force: true })));
  }

  async #openYoungest(): Promise<{ file: LogFile; handle: FileHandle } | null> {
    const file = (await this.#files()).at(-1);
    if (file === undefined) return null;
    const handle = await openIfThere(file.path);
    if (handle === null) return null;
    const { ino } = await handle.stat();
    if (ino !== file.inode) {
      await handle.close(); // rotated just now
      return this.#openYoungest();
    }
    this.#anchor = { inode: file.inode, bornMilliseconds: file.bornMilliseconds, base: file.base };
    this.#current = { file, handle };
    return this.#current;
  }

  async #wasRotated(file: LogFile): Promise<boolean> {
    const now = await statIfThere(this.#path);
    return now !== null && now.ino !== file.inode;
  }

  async #readOlder(offset: number): Promise<ConsoleChunk | null> {
    const files = await this.#files();
    for (const file of files) {
      if (offset >= file.base + file.size) continue;
      const handle = await openIfThere(file.path);
      if (handle === null) continue;
      try {
        if ((await handle.stat()).ino !== file.inode) return await this.#readOlder(offset);
        const chunk = await readFrom(handle, file.base, Math.max(offset, file.base));
        if (chunk !== null) return chunk;
      } finally {
        await handle.close();
      }
    }
    return null;
  }

  /** The files that there are, oldest first, with their offsets counted from the anchor. */
  async #files(): Promise<LogFile[]> {
    const found: Omit<LogFile, 'base'>[] = [];
    for (const path of backupPaths(this.#path)) {
      const stats = await statIfThere(path);
      if (stats === null && path !== this.#path) break;
      if (stats === null) continue;
      const { ino: inode, birthtimeMs: bornMilliseconds, size } = stats;
      found.unshift({ path, inode, bornMilliseconds, size });
    }
    return withBases(found, this.#anchor);
  }
}

/**
 * Offsets for files, oldest first. Where the anchor's file is no longer kept, nobody knows how much was between it and
 * the oldest: it is taken to have been as large as the largest, so that offsets do not run backwards.
 */
function withBases(files: readonly Omit<LogFile, 'base'>[], anchor: LogPosition | null): LogFile[] {
  const anchored = files.findIndex(
    ({ inode, bornMilliseconds }) =>
      inode === anchor?.inode && bornMilliseconds === anchor.bornMilliseconds,
  );
  const before = files.slice(0, Math.max(anchored, 0)).reduce((sum, { size }) => sum + size, 0);
  const lost = anchor === null ? 0 : anchor.base + Math.max(0, ...files.map(({ size }) => size));
  let base = anchor !== null && anchored !== -1 ? anchor.base - before : lost;
  return files.map((file) => {
    const placed = { ...file, base };
    base += file.size;
    return placed;
  });
}

/** The log's path, then those of its backups from the youngest. */
function backupPaths(path: string): string[] {
  return [path, ...Array.from({ length: MAX_BACKUPS }, (_, index) => `${path}.${index}`)];
}

async function readFrom(
  handle: FileHandle,
  base: number,
  offset: number,
): Promise<ConsoleChunk | null> {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES, offset - base);
  if (bytesRead === 0) return null;
  return { offset, data: Buffer.from(buffer.subarray(0, bytesRead)) };
}

async function openIfThere(path: string): Promise<FileHandle | null> {
  return open(path, 'r').catch(nullIfAbsent);
}

async function statIfThere(path: string) {
  return stat(path).catch(nullIfAbsent);
}

function nullIfAbsent(error: unknown): null {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
  throw error;
}
