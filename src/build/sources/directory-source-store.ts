// SPDX-License-Identifier: BSD-3-Clause
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { UnicoreError } from '../../errors/index.js';
import { errnoOf, storageError } from '../durable-file.js';
import type { Logger } from '../logger.js';
import type { Source, SourceDigest, SourceStore } from '../ports.js';
import { describeApplication, type SourceApplication } from './application.js';
import { readArchive, type SourceFiles } from './read-archive.js';
import { digestOf, readFiles, writeFiles } from './source-files.js';
import { uncompress, type Compression } from './unpack.js';

export interface DirectorySourceStoreOptions {
  /** Created if it is not there. One store at a time may use it. */
  readonly directory: string;
  /** Why uploads cannot be built here, or null if they can. */
  readonly problem: string | null;
  /** How many are kept; the one that was used longest ago makes room. */
  readonly maxSources: number;
  readonly logger: Logger;
}

/** An uploaded application, ready to be configured and built. */
export interface StoredSource extends SourceApplication {
  readonly source: Source;
  readonly directory: string;
}

const recordSchema = z.object({ createdAt: z.string() });
const HEX = /^[0-9a-f]{64}$/;
/** Each takes up to 80 MiB of memory while it is unpacked. */
const MAX_UPLOADS = 4;

/**
 * Uploaded applications in a directory, named by their content: `<digest>/{app,source.json}`. One is put together aside and moved
 * to its place as a whole; the files are checked against the name when a daemon first uses them.
 */
export class DirectorySourceStore implements SourceStore {
  readonly #options: DirectorySourceStoreOptions;
  /** Those that are there, the one that was used last at the end; null before it was looked at. */
  readonly #sources = new Map<SourceDigest, StoredSource | null>();
  /** How many use each just now. */
  readonly #held = new Map<SourceDigest, number>();
  #uploads = 0;

  private constructor(options: DirectorySourceStoreOptions) {
    this.#options = options;
  }

  /** Opens the store, and removes what a crash left unfinished. */
  static async open(options: DirectorySourceStoreOptions): Promise<DirectorySourceStore> {
    const store = new DirectorySourceStore(options);
    await mkdir(options.directory, { recursive: true, mode: 0o700 });
    for (const name of await readdir(options.directory)) {
      if (HEX.test(name)) store.#sources.set(`sha256:${name}`, null);
      else await rm(join(options.directory, name), { recursive: true, force: true });
    }
    return store;
  }

  async add(archive: AsyncIterable<Uint8Array>, compression: Compression): Promise<Source> {
    const { problem } = this.#options;
    if (problem !== null) {
      throw new UnicoreError(
        'SANDBOX_UNAVAILABLE',
        `Uploaded sources are built in a sandbox only. ${problem}`,
      );
    }
    if (this.#uploads >= MAX_UPLOADS) {
      throw new UnicoreError('QUEUE_FULL', 'Too many archives are being uploaded.', {
        retryAfterSeconds: 1,
      });
    }
    this.#uploads++;
    try {
      const files = readArchive(await uncompress(archive, compression));
      const application = describeApplication(files);
      const digest = digestOf(files);
      if (this.#sources.has(digest)) return (await this.stored(digest)).source;
      return await this.#write(digest, files, application);
    } catch (error) {
      throw storageError(error);
    } finally {
      this.#uploads--;
    }
  }

  async get(digest: SourceDigest): Promise<Source> {
    return (await this.stored(digest)).source;
  }

  async list(): Promise<readonly Source[]> {
    const sources: Source[] = [];
    for (const digest of [...this.#sources.keys()]) {
      const stored = this.#sources.get(digest) ?? (await this.#load(digest).catch(() => null));
      if (stored !== null) sources.push(stored.source);
    }
    return sources.sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  }

  async delete(digest: SourceDigest): Promise<void> {
    if (!this.#sources.has(digest)) throw unknownSource(digest);
    if (this.#held.has(digest)) {
      throw new UnicoreError(
        'SOURCE_IN_USE',
        'The source is being built. Cancel its builds first.',
      );
    }
    await this.#remove(digest);
  }

  /** What is needed to configure and build it. @throws UNKNOWN_SOURCE */
  async stored(digest: SourceDigest): Promise<StoredSource> {
    const known = this.#sources.get(digest);
    if (known === undefined) throw unknownSource(digest);
    const stored = known ?? (await this.#load(digest));
    this.#sources.delete(digest);
    this.#sources.set(digest, stored);
    return stored;
  }

  /** Keeps a source from being removed while `use` runs. @throws UNKNOWN_SOURCE */
  async hold<T>(digest: SourceDigest, use: (source: StoredSource) => Promise<T>): Promise<T> {
    this.#held.set(digest, (this.#held.get(digest) ?? 0) + 1);
    try {
      return await use(await this.stored(digest));
    } finally {
      const left = (this.#held.get(digest) ?? 1) - 1;
      if (left === 0) this.#held.delete(digest);
      else this.#held.set(digest, left);
    }
  }

  async #write(
    digest: SourceDigest,
    files: SourceFiles,
    application: SourceApplication,
  ): Promise<Source> {
    const aside = join(this.#options.directory, randomUUID());
    const createdAt = new Date().toISOString();
    try {
      await mkdir(join(aside, 'app'), { recursive: true });
      await writeFiles(join(aside, 'app'), files);
      await writeFile(join(aside, 'source.json'), JSON.stringify({ createdAt }));
      await rename(aside, this.#folderOf(digest));
    } catch (error) {
      await rm(aside, { recursive: true, force: true });
      // Another upload of the same may have been quicker.
      if (errnoOf(error) !== 'ENOTEMPTY' && errnoOf(error) !== 'EEXIST') throw error;
    }
    const stored = this.#describe(digest, files, application, createdAt);
    this.#sources.set(digest, stored);
    await this.#prune();
    return stored.source;
  }

  async #load(digest: SourceDigest): Promise<StoredSource> {
    const folder = this.#folderOf(digest);
    try {
      const files = await readFiles(join(folder, 'app'));
      if (digestOf(files) !== digest) throw new Error('its files are not what its name says');
      const record: unknown = JSON.parse(await readFile(join(folder, 'source.json'), 'utf8'));
      const { createdAt } = recordSchema.parse(record);
      const stored = this.#describe(digest, files, describeApplication(files), createdAt);
      this.#sources.set(digest, stored);
      return stored;
    } catch (error) {
      this.#options.logger.warn({ digest, err: error }, 'removed a source that is damaged');
      await this.#remove(digest);
      throw unknownSource(digest);
    }
  }

  #describe(
    digest: SourceDigest,
    files: SourceFiles,
    application: SourceApplication,
    createdAt: string,
  ): StoredSource {
    const bytes = [...files.values()].reduce((sum, { content }) => sum + content.length, 0);
    const { name, summary } = application;
    return {
      ...application,
      directory: join(this.#folderOf(digest), 'app'),
      source: { digest, app: name, summary, files: files.size, bytes, createdAt },
    };
  }

  async #prune(): Promise<void> {
    for (const digest of [...this.#sources.keys()]) {
      if (this.#sources.size <= this.#options.maxSources) return;
      if (!this.#held.has(digest)) await this.#remove(digest);
    }
  }

  async #remove(digest: SourceDigest): Promise<void> {
    this.#sources.delete(digest);
    await rm(this.#folderOf(digest), { recursive: true, force: true });
  }

  #folderOf(digest: SourceDigest): string {
    return join(this.#options.directory, digest.slice('sha256:'.length));
  }
}

function unknownSource(digest: string): UnicoreError {
  return new UnicoreError(
    'UNKNOWN_SOURCE',
    `There is no source ${digest}. Upload it with POST /v1/sources; those that are not used are forgotten.`,
    { errors: [{ path: 'source', message: 'no such source' }] },
  );
}
