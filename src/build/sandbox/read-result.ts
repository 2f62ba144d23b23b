// SPDX-License-Identifier: BSD-3-Clause
import { constants } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import { errnoOf } from '../durable-file.js';

/** How much of a text that a build has made is read. */
const MAX_TEXT_BYTES = 256 * 1024;

/** The path, if an ordinary file with something in it is there; a link is not followed. */
export async function resultFile(path: string): Promise<string | null> {
  try {
    const stats = await lstat(path);
    return stats.isFile() && stats.size > 0 ? path : null;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return null;
    throw error;
  }
}

/** The beginning of a text that a build has made, or nothing if it made none. */
export async function resultText(path: string): Promise<string> {
  if ((await resultFile(path)) === null) return '';
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const { buffer, bytesRead } = await file.read(
      Buffer.alloc(MAX_TEXT_BYTES),
      0,
      MAX_TEXT_BYTES,
      0,
    );
    return buffer.subarray(0, bytesRead).toString('utf8');
  } finally {
    await file.close();
  }
}
