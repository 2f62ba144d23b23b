// SPDX-License-Identifier: BSD-3-Clause
import { Parser, type ReadEntry } from 'tar';
import { isUnicoreError, messageOf, UnicoreError } from '../../errors/index.js';
import { entryPath } from './entry-path.js';
import { ARCHIVE_LIMITS } from './limits.js';

export interface SourceFile {
  readonly content: Buffer;
  readonly executable: boolean;
}

/** Files by their paths, which are plain: below the root, in no other file's place. */
export type SourceFiles = ReadonlyMap<string, SourceFile>;

/**
 * Reads a tar archive: files and folders, and nothing else that an archive can hold. One folder around all of it is left out.
 * @throws INVALID_ARCHIVE, ARCHIVE_TOO_LARGE
 */
export function readArchive(archive: Buffer): SourceFiles {
  // The parser would uncompress what is compressed twice, without our bounds.
  if (archive.length < 512 || !isTar(archive)) throw invalid('it is no tar archive');
  const reader = new ArchiveReader();
  const parser = new Parser({
    strict: true,
    maxMetaEntrySize: ARCHIVE_LIMITS.recordBytes,
    onReadEntry: (entry) => reader.take(entry),
  });
  parser.on('ignoredEntry', (entry: ReadEntry) => reader.refuse(entry));
  try {
    parser.end(archive);
  } catch (error) {
    if (isUnicoreError(error)) throw error;
    throw invalid(messageOf(error));
  }
  return withoutTopFolder(reader.finish());
}

class ArchiveReader {
  readonly #files = new Map<string, { content: Buffer; executable: boolean }>();
  readonly #folders = new Set<string>();
  #entries = 0;
  /** Entries whose content has not been read to its end. */
  #open = 0;

  take(entry: ReadEntry): void {
    if (++this.#entries > ARCHIVE_LIMITS.entries) {
      throw new UnicoreError(
        'ARCHIVE_TOO_LARGE',
        `An archive has at most ${ARCHIVE_LIMITS.entries} entries.`,
      );
    }
    const parts = entryPath(entry.path);
    if (entry.type === 'Directory') {
      if (entry.size > 0) this.refuse(entry);
      this.#addFolder(parts);
      entry.resume();
      return;
    }
    if ((entry.type !== 'File' && entry.type !== 'OldFile') || parts.length === 0)
      this.refuse(entry);
    if (entry.size > ARCHIVE_LIMITS.fileBytes) {
      throw new UnicoreError(
        'ARCHIVE_TOO_LARGE',
        `A file is at most ${ARCHIVE_LIMITS.fileBytes} bytes.`,
      );
    }
    this.#addFile(parts, entry);
  }

  refuse(entry: ReadEntry): never {
    const kind = entry.type.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
    throw invalid(
      `${JSON.stringify(entry.path.slice(0, 100))} is a ${kind}; only files and folders are taken (tar --dereference packs what links point to)`,
    );
  }

  finish(): Map<string, SourceFile> {
    if (this.#open > 0) throw invalid('it ends in the middle of a file');
    return this.#files;
  }

  #addFolder(parts: readonly string[]): void {
    for (let depth = 1; depth <= parts.length; depth++) {
      const path = parts.slice(0, depth).join('/');
      if (this.#files.has(path)) throw invalid(`${path} is both a file and a folder`);
      this.#folders.add(path);
    }
  }

  #addFile(parts: readonly string[], entry: ReadEntry): void {
    this.#addFolder(parts.slice(0, -1));
    const path = parts.join('/');
    if (this.#files.has(path)) throw invalid(`${path} is there twice`);
    if (this.#folders.has(path)) throw invalid(`${path} is both a file and a folder`);
    const file = { content: Buffer.alloc(0), executable: ((entry.mode ?? 0) & 0o100) !== 0 };
    this.#files.set(path, file);
    const chunks: Buffer[] = [];
    this.#open++;
    entry.on('data', (chunk: Buffer) => chunks.push(chunk));
    entry.on('end', () => {
      file.content = Buffer.concat(chunks);
      if (file.content.length !== entry.size) throw invalid(`${path} is not whole`);
      this.#open--;
    });
  }
}

function withoutTopFolder(files: Map<string, SourceFile>): SourceFiles {
  const tops = new Set([...files.keys()].map((path) => path.split('/', 1)[0]));
  const [top = ''] = tops;
  if (tops.size !== 1 || files.has(top)) return files;
  return new Map([...files].map(([path, file]) => [path.slice(top.length + 1), file]));
}

/** Whether the first block is a header: its checksum is that of its bytes, with the checksum itself as blanks (pax(1)). */
function isTar(archive: Buffer): boolean {
  const wanted = Number.parseInt(archive.toString('latin1', 148, 156).replace(/[\0 ]+$/, ''), 8);
  let sum = 0;
  for (let index = 0; index < 512; index++) {
    sum += index >= 148 && index < 156 ? 0x20 : (archive[index] ?? 0);
  }
  return sum === wanted;
}

function invalid(reason: string): UnicoreError {
  return new UnicoreError('INVALID_ARCHIVE', `The archive cannot be taken: ${reason}.`);
}
