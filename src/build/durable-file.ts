// SPDX-License-Identifier: BSD-3-Clause
import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UnicoreError } from '../errors/index.js';

/** Makes what is in a file, or which entries are in a directory, survive a power failure. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Replaces a file as a whole: after a crash there is the old content or the new one, never a part. */
export async function replaceFile(path: string, content: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.new`;
  try {
    const handle = await open(temporary, 'wx', 0o644);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
    await syncPath(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw storageError(error);
  }
}

/** Turns a full disk into STORAGE_FULL and hands on every other error as it is. */
export function storageError(error: unknown): unknown {
  const code = errnoOf(error);
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  return new UnicoreError(
    'STORAGE_FULL',
    'The disk that holds the state directory is full. Delete images that are not used, or give it more room.',
    { cause: error },
  );
}

/** The system's code of an error (`ENOENT`), or undefined if it has none. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}
