// SPDX-License-Identifier: BSD-3-Clause
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { copyFile, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UnicoreError } from '../../errors/index.js';
import { errnoOf, storageError, syncPath } from '../durable-file.js';
import { fileIdentity } from '../file-identity.js';
import { NO_BACKGROUND, type ImageDigest, type ImageManifest, type StoredImage } from '../image.js';
import { inspectImage, type ImageInspection } from '../inspector/index.js';
import type { Logger } from '../logger.js';
import type { ImageStore, ImportClaims } from '../ports.js';
import { LastUse } from './last-use.js';
import { formatManifest, parseManifest } from './manifest-file.js';

export interface DirectoryImageStoreOptions {
  /** Created if it is not there. One store at a time may use it. */
  readonly directory: string;
  readonly logger: Logger;
  /** The largest import that is taken. 64 MiB unless given. */
  readonly maxImportBytes?: number;
  /** Milliseconds since 1970; the system's clock unless given. */
  readonly now?: () => number;
}

/** An image, or its debug file, for whoever decides what is kept. */
export interface StoredFile {
  readonly id: ImageDigest;
  readonly bytes: number;
  /** When the image was last asked for, in milliseconds since 1970. */
  readonly usedAt: number;
}

/** What the builder knows of an image that it made. */
export type BuiltImage = Omit<ImageManifest, 'digest' | 'bytes' | 'createdAt' | 'origin'>;

/** A manifest without what the store itself adds. */
type ManifestBody = Omit<ImageManifest, 'digest' | 'bytes' | 'createdAt'>;

const IMAGE = 'image';
const DEBUG_IMAGE = 'image.dbg';
const MANIFEST = 'manifest.json';

/**
 * Images in a directory, named by their content: `sha256/<first two digits>/<digest>/{image,image.dbg,manifest.json}`.
 *
 * An image is put together in `incoming/`, made durable, and then moved to its place by one rename of its folder; a crash
 * leaves the whole image or none. The bytes are checked against the name when an image is asked for: once, and
 * again when the file's identity has changed.
 */
export class DirectoryImageStore implements ImageStore {
  readonly #directory: string;
  readonly #logger: Logger;
  readonly #maxImportBytes: number;
  readonly #manifests = new Map<ImageDigest, ImageManifest>();
  /** The identity that each image file had when its bytes were last checked. */
  readonly #verified = new Map<ImageDigest, string>();
  readonly #lastUse: LastUse;
  /** Ends when the last change of the directory has ended: changes are made one after another. */
  #lastChange: Promise<unknown> = Promise.resolve();

  private constructor(options: DirectoryImageStoreOptions) {
    this.#directory = options.directory;
    this.#logger = options.logger;
    this.#maxImportBytes = options.maxImportBytes ?? 64 * 1024 * 1024;
    this.#lastUse = new LastUse(options.now);
  }

  /** Opens the store, and removes what a crash left unfinished. */
  static async open(options: DirectoryImageStoreOptions): Promise<DirectoryImageStore> {
    const store = new DirectoryImageStore(options);
    await rm(store.#incoming, { recursive: true, force: true });
    await mkdir(store.#incoming, { recursive: true });
    await mkdir(join(options.directory, 'sha256'), { recursive: true });
    await store.#load();
    return store;
  }

  get #incoming(): string {
    return join(this.#directory, 'incoming');
  }

  async get(digest: ImageDigest): Promise<StoredImage> {
    const manifest = this.#manifests.get(digest);
    if (manifest === undefined) throw unknownImage(digest);
    const folder = this.#folderOf(digest);
    this.#lastUse.note(digest, folder);
    const path = join(folder, IMAGE);
    await this.#verify(digest, path);
    return { manifest, path };
  }

  list(): Promise<readonly ImageManifest[]> {
    const manifests = [...this.#manifests.values()];
    return Promise.resolve(
      manifests.sort(
        (a, b) => b.createdAt.localeCompare(a.createdAt) || a.digest.localeCompare(b.digest),
      ),
    );
  }

  async import(
    source: AsyncIterable<Uint8Array>,
    claims: Partial<ImportClaims> = {},
  ): Promise<StoredImage> {
    return this.#prepare(async (folder) => {
      const file = join(folder, IMAGE);
      await receive(source, file, this.#maxImportBytes);
      return { ...importedManifest(inspectImage(await readFile(file))), ...claims };
    });
  }

  /**
   * Takes in an image that was built. Its files are copied. If the same bytes are there already, the manifest that is
   * there is kept.
   */
  async add(image: BuiltImage, file: string, debugFile: string | null): Promise<StoredImage> {
    return this.#prepare(async (folder) => {
      await copyFile(file, join(folder, IMAGE));
      if (debugFile !== null) await copyFile(debugFile, join(folder, DEBUG_IMAGE));
      return { ...image, origin: 'built' };
    });
  }

  async delete(digest: ImageDigest): Promise<void> {
    await this.#exclusively(async () => {
      if (!this.#manifests.has(digest)) throw unknownImage(digest);
      await this.#forget(digest);
    });
  }

  /** The images that were built here, with the bytes of all their files. */
  built(): Promise<readonly StoredFile[]> {
    return this.#files('built', (folder) => folderBytes(folder));
  }

  /** The debug files that there are. */
  debugFiles(): Promise<readonly StoredFile[]> {
    return this.#files(null, (folder) => fileBytes(join(folder, DEBUG_IMAGE)));
  }

  /**
   * Removes an image if it may go. `mayGo` is asked, with the time of the last use, when nobody can be given the image any
   * more between its answer and the removal. Returns whether it went.
   */
  collect(digest: ImageDigest, mayGo: (usedAt: number) => boolean): Promise<boolean> {
    return this.#exclusively(async () => {
      if (!this.#manifests.has(digest) || !mayGo(this.#lastUse.of(digest))) return false;
      await this.#forget(digest);
      return true;
    });
  }

  removeDebugFile(digest: ImageDigest): Promise<void> {
    return this.#exclusively(() => rm(join(this.#folderOf(digest), DEBUG_IMAGE), { force: true }));
  }

  async #files(
    origin: ImageManifest['origin'] | null,
    bytesOf: (folder: string) => Promise<number>,
  ): Promise<readonly StoredFile[]> {
    const files: StoredFile[] = [];
    for (const manifest of [...this.#manifests.values()]) {
      if (origin !== null && manifest.origin !== origin) continue;
      const { digest: id } = manifest;
      const bytes = await bytesOf(this.#folderOf(id));
      if (bytes > 0) files.push({ id, bytes, usedAt: this.#lastUse.of(id) });
    }
    return files;
  }

  async #forget(digest: ImageDigest): Promise<void> {
    this.#manifests.delete(digest);
    this.#verified.delete(digest);
    this.#lastUse.forget(digest);
    await this.#remove(digest);
  }

  #exclusively<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#lastChange.then(change);
    this.#lastChange = result.catch(() => undefined);
    return result;
  }

  /** Lets `fill` put the files into a folder of its own, which then becomes the image; whatever fails, nothing stays. */
  async #prepare(fill: (folder: string) => Promise<ManifestBody>): Promise<StoredImage> {
    const folder = join(this.#incoming, randomUUID());
    await mkdir(folder);
    try {
      const about = await fill(folder);
      return await this.#exclusively(() => this.#commit(folder, about));
    } catch (error) {
      throw storageError(error);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async #commit(folder: string, about: ManifestBody): Promise<StoredImage> {
    const digest = await digestOf(join(folder, IMAGE));
    if (this.#manifests.has(digest)) {
      try {
        return await this.get(digest);
      } catch (error) {
        this.#logger.warn({ digest, err: error }, 'replacing a damaged image');
      }
    }
    const { size } = await stat(join(folder, IMAGE));
    const createdAt = new Date().toISOString();
    const manifest: ImageManifest = { digest, bytes: size, ...about, createdAt };
    await this.#writeManifest(folder, manifest);
    const place = this.#folderOf(digest);
    await mkdir(dirname(place), { recursive: true });
    await this.#moveTo(place, folder, digest);
    this.#manifests.set(digest, manifest);
    return this.get(digest);
  }

  async #writeManifest(folder: string, manifest: ImageManifest): Promise<void> {
    const handle = await open(join(folder, MANIFEST), 'wx', 0o444);
    try {
      await handle.writeFile(formatManifest(manifest));
    } finally {
      await handle.close();
    }
    for (const name of await readdir(folder)) {
      const file = await open(join(folder, name), 'r');
      try {
        // linuxu images are run from where they are.
        await file.chmod(name === IMAGE ? 0o555 : 0o444);
        await file.sync();
      } finally {
        await file.close();
      }
    }
    await syncPath(folder);
  }

  async #moveTo(place: string, folder: string, digest: ImageDigest): Promise<void> {
    try {
      await rename(folder, place);
    } catch (error) {
      if (errnoOf(error) !== 'ENOTEMPTY' && errnoOf(error) !== 'EEXIST') throw error;
      // A damaged or unreadable image of this name.
      await this.#remove(digest);
      await rename(folder, place);
    }
    await syncPath(dirname(place));
    await syncPath(dirname(dirname(place)));
  }

  async #remove(digest: ImageDigest): Promise<void> {
    const grave = join(this.#incoming, randomUUID());
    try {
      await rename(this.#folderOf(digest), grave);
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error;
    }
    await rm(grave, { recursive: true, force: true });
  }

  async #verify(digest: ImageDigest, path: string): Promise<void> {
    const identity = identityOf(path);
    if (identity !== null && this.#verified.get(digest) === identity) return;
    if (identity === null || (await digestOf(path)) !== digest) {
      const what =
        identity === null ? 'is missing' : 'does not have the content that its name says';
      throw new UnicoreError(
        'IMAGE_CORRUPT',
        `The file of image ${digest} ${what}. Delete the image and build or import it again.`,
      );
    }
    this.#verified.set(digest, identity);
  }

  async #load(): Promise<void> {
    const root = join(this.#directory, 'sha256');
    for (const prefix of await readdir(root)) {
      for (const name of await readdir(join(root, prefix))) {
        const folder = join(root, prefix, name);
        try {
          const manifest = parseManifest(await readFile(join(folder, MANIFEST), 'utf8'));
          if (this.#folderOf(manifest.digest) !== folder) throw new Error('it is another image');
          this.#manifests.set(manifest.digest, manifest);
          this.#lastUse.load(manifest.digest, (await stat(folder)).mtimeMs);
        } catch (error) {
          this.#logger.warn({ folder, err: error }, 'left out an image with a damaged manifest');
        }
      }
    }
  }

  #folderOf(digest: ImageDigest): string {
    const hexadecimal = digest.slice('sha256:'.length);
    return join(this.#directory, 'sha256', hexadecimal.slice(0, 2), hexadecimal);
  }
}

function unknownImage(digest: ImageDigest): UnicoreError {
  return new UnicoreError('UNKNOWN_IMAGE', `There is no image ${digest}.`);
}

/** What is known of an image from its own bytes alone. */
function importedManifest(inspection: ImageInspection): ManifestBody {
  const { architecture, bootProtocols, unicore, minimumMemoryBytes, description } = inspection;
  return {
    app: unicore?.app ?? null,
    target: unicore?.target ?? null,
    architecture,
    bootProtocols,
    reportsReady: unicore !== null,
    parks: unicore?.parks ?? false,
    minimumMemoryBytes,
    libraries: [],
    configuration: null,
    inputsHash: null,
    origin: 'imported',
    ...NO_BACKGROUND,
    buildId: unicore?.buildId ?? null,
    description,
  };
}

/** Null if it is missing. Synchronous: each instance that is made asks, and a turn of the thread pool costs a hundred times the call. */
function identityOf(path: string): string | null {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? null : fileIdentity(stats);
}

async function fileBytes(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return 0;
    throw error;
  }
}

async function folderBytes(folder: string): Promise<number> {
  const sizes = [IMAGE, DEBUG_IMAGE, MANIFEST].map((name) => fileBytes(join(folder, name)));
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

async function digestOf(path: string): Promise<ImageDigest> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return `sha256:${hash.digest('hex')}`;
}

async function receive(
  source: AsyncIterable<Uint8Array>,
  path: string,
  maxBytes: number,
): Promise<void> {
  const handle = await open(path, 'wx');
  try {
    let bytes = 0;
    for await (const chunk of source) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) {
        throw new UnicoreError(
          'BODY_TOO_LARGE',
          `The image is larger than ${maxBytes} bytes, which is the most that can be imported.`,
        );
      }
      await handle.writeFile(chunk);
    }
  } finally {
    await handle.close();
  }
}
