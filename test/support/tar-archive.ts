// SPDX-License-Identifier: BSD-3-Clause
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { Header, type HeaderData } from 'tar';

export type TarEntry = Partial<HeaderData> & {
  readonly path: string;
  readonly content?: string | Uint8Array;
};

const BLOCK = 512;

/** A tar archive of any entries, good or bad. The size is that of the content unless given. */
export function tarArchive(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap(({ content = '', ...entry }) => {
    const data = Buffer.from(content);
    const block = Buffer.alloc(BLOCK);
    new Header({
      type: 'File',
      mode: 0o644,
      uid: 0,
      gid: 0,
      mtime: new Date(0),
      ...entry,
      size: entry.size ?? data.length,
    }).encode(block, 0);
    return [block, data, Buffer.alloc((BLOCK - (data.length % BLOCK)) % BLOCK)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

export function filesArchive(files: Readonly<Record<string, string>>): Buffer {
  return tarArchive(Object.entries(files).map(([path, content]) => ({ path, content })));
}

export function tarGz(files: Readonly<Record<string, string>>): Buffer {
  return gzipSync(filesArchive(files));
}

export function tarZst(files: Readonly<Record<string, string>>): Buffer {
  return zstdCompressSync(filesArchive(files));
}
