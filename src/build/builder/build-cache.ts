// SPDX-License-Identifier: BSD-3-Clause
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isUnicoreError } from '../../errors/index.js';
import type { Configuration } from '../configurator/index.js';
import { isImageDigest, type ImageDigest, type StoredImage } from '../image.js';
import type { Logger } from '../logger.js';
import type { ImageStore } from '../ports.js';
import { architectureOf } from '../target.js';
import type { Toolchain } from './toolchain.js';

export interface BuildCacheOptions {
  /** Where the answers are kept: a file for each, named by the inputs' hash. Created if it is not there. */
  readonly directory: string;
  readonly images: ImageStore;
  readonly toolchain: Toolchain;
  readonly logger: Logger;
}

/** Changes whenever the way in which we call the build rules changes the result. */
const FORMAT = 'unicore-build-1';
/** The oldest answers are forgotten when the daemon starts; they cost a build then. */
const MAX_ENTRIES = 10_000;

/**
 * Remembers which image came out of which inputs: the sources and build rules of the pools, the application, the target, the
 * resolved configuration and the toolchain. Builds are reproducible, so the same inputs give the same image.
 */
export class BuildCache {
  readonly #directory: string;
  readonly #images: ImageStore;
  readonly #toolchain: Toolchain;
  readonly #logger: Logger;
  readonly #digests = new Map<string, ImageDigest>();

  private constructor(options: BuildCacheOptions) {
    this.#directory = options.directory;
    this.#images = options.images;
    this.#toolchain = options.toolchain;
    this.#logger = options.logger;
  }

  static async open(options: BuildCacheOptions): Promise<BuildCache> {
    const cache = new BuildCache(options);
    await mkdir(options.directory, { recursive: true });
    await cache.#load();
    return cache;
  }

  /** SHA-256 over all that goes into a build. */
  async inputsHash(configuration: Configuration): Promise<string> {
    const inputs = [
      FORMAT,
      configuration.poolsHash,
      configuration.source,
      configuration.app,
      configuration.target,
      configuration.config,
      await this.#toolchain.identity(architectureOf(configuration.target)),
    ];
    return createHash('sha256').update(JSON.stringify(inputs)).digest('hex');
  }

  /** The image that these inputs gave, or null if it is not known or no longer there. */
  async find(inputsHash: string): Promise<StoredImage | null> {
    const digest = this.#digests.get(inputsHash);
    if (digest === undefined) return null;
    try {
      return await this.#images.get(digest);
    } catch (error) {
      if (!isUnicoreError(error)) throw error;
      this.#logger.info({ digest, reason: error.code }, 'building anew an image that is not there');
      this.#digests.delete(inputsHash);
      await rm(join(this.#directory, inputsHash), { force: true });
      return null;
    }
  }

  /** Remembers an answer. If it is lost in a crash, the build is done again. */
  async remember(inputsHash: string, digest: ImageDigest): Promise<void> {
    this.#digests.set(inputsHash, digest);
    await writeFile(join(this.#directory, inputsHash), digest);
  }

  async #load(): Promise<void> {
    const names = (await readdir(this.#directory)).filter((name) => /^[0-9a-f]{64}$/.test(name));
    for (const [index, name] of names.entries()) {
      const path = join(this.#directory, name);
      const digest = index < MAX_ENTRIES ? await readFile(path, 'utf8') : '';
      if (isImageDigest(digest)) this.#digests.set(name, digest);
      else await rm(path, { force: true });
    }
  }
}
