// SPDX-License-Identifier: BSD-3-Clause
import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SourceDigest } from '../ports.js';
import type { SourceFile, SourceFiles } from './read-archive.js';

/** SHA-256 over paths, kinds and contents: the same folder has the same, however it was packed. */
export function digestOf(files: SourceFiles): SourceDigest {
  const total = createHash('sha256').update('unicore-source-1\0');
  const sorted = [...files].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [path, { content, executable }] of sorted) {
    const hash = createHash('sha256').update(content).digest('hex');
    total.update(`${path}\0${executable ? 'program' : 'file'}\0${hash}\0`);
  }
  return `sha256:${total.digest('hex')}`;
}

/** Writes files below a folder that is there and empty; anybody who gets there may read them. */
export async function writeFiles(folder: string, files: SourceFiles): Promise<void> {
  const folders = new Set([folder]);
  for (const [path, { content, executable }] of files) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    for (let above = dirname(file); above.length > folder.length; above = dirname(above)) {
      folders.add(above);
    }
    await writeFile(file, content, { flag: 'wx' });
    await chmod(file, executable ? 0o755 : 0o644);
  }
  for (const each of folders) await chmod(each, 0o755);
}

/** Reads back what `writeFiles` has written. */
export async function readFiles(folder: string): Promise<SourceFiles> {
  const files = new Map<string, SourceFile>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const executable = ((await stat(path)).mode & 0o100) !== 0;
    files.set(path.slice(folder.length + 1), { content: await readFile(path), executable });
  }
  return files;
}
