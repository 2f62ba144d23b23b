// SPDX-License-Identifier: BSD-3-Clause
import type { BigIntStats } from 'node:fs';

/**
 * A text that changes whenever a file's content may have changed: it was replaced (inode), written to (size, mtime), or
 * its mtime was set back (ctime, which no program can set).
 */
export function fileIdentity(stats: BigIntStats): string {
  return `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`;
}
