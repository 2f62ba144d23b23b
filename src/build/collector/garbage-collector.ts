// SPDX-License-Identifier: BSD-3-Clause
import type { BuildHistory } from '../builder/index.js';
import type { ImageDigest } from '../image.js';
import type { DirectoryImageStore } from '../images/index.js';
import type { Logger } from '../logger.js';
import type { Collected, CollectionReport, Collector } from '../ports.js';
import type { ObjectFolder } from './object-folder.js';
import { surplus, type Item, type Limits } from './retention.js';

/** How much is kept of each kind. */
export interface Retention {
  /** Images that were built; imported ones stay until someone deletes them, as nothing can make them again. */
  readonly images: Limits;
  /** Files with symbols and debug information, which stand beside images and count as theirs. */
  readonly debugFiles: Pick<Limits, 'maxAgeMilliseconds'>;
  /** Records and logs of builds that have ended. */
  readonly builds: Limits;
  /** Compiled objects. */
  readonly objects: Limits;
}

export interface GarbageCollectorOptions {
  readonly images: DirectoryImageStore;
  readonly history: BuildHistory;
  readonly objects: ObjectFolder;
  readonly retention: Retention;
  /** Whether something is made of the image. Asked at the moment of its removal. */
  readonly inUse: (digest: ImageDigest) => boolean;
  /** Told of each collection that was not a dry run. */
  readonly onCollected?: (report: CollectionReport) => void;
  readonly logger: Logger;
  readonly now?: () => number;
}

/**
 * What was used this recently stays, whatever the limits say: whoever has just been given an image may not have recorded
 * yet what is made of it, and a build may be about to copy an object.
 */
export const GRACE_MILLISECONDS = 10 * 60_000;

/** Removes what is too much or too old: images, debug files, records of builds, compiled objects. */
export class GarbageCollector implements Collector {
  readonly #options: GarbageCollectorOptions;
  readonly #now: () => number;
  #last: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(options: GarbageCollectorOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  collect({ dryRun = false }: { readonly dryRun?: boolean } = {}): Promise<CollectionReport> {
    const report = this.#last.then(() => this.#collect(dryRun));
    this.#last = report.catch(() => undefined);
    return report;
  }

  /** Collects now, and then again and again until `stop`. A collection that fails is logged. */
  start(intervalMilliseconds: number): void {
    const run = async (): Promise<void> => {
      try {
        await this.collect();
      } catch (error) {
        this.#options.logger.error({ err: error }, 'cannot remove what is no longer kept');
      }
      if (this.#stopped) return;
      this.#timer = setTimeout(() => void run(), intervalMilliseconds).unref();
    };
    void run();
  }

  /** Resolves when nothing is being removed any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#last;
  }

  async #collect(dryRun: boolean): Promise<CollectionReport> {
    const images = await this.#collectImages(dryRun);
    const debugFiles = await this.#collectDebugFiles(dryRun, new Set(images.map(({ id }) => id)));
    const builds = await this.#collectBuilds(dryRun);
    const objects = await this.#collectObjects(dryRun);
    const parts = [debugFiles, builds, objects];
    const report: CollectionReport = {
      dryRun,
      images: images.map(({ id, bytes }) => ({ digest: id as ImageDigest, bytes })),
      ...{ debugFiles: total(debugFiles), builds: total(builds), objects: total(objects) },
      freedBytes: [images, ...parts].flat().reduce((sum, { bytes }) => sum + bytes, 0),
    };
    if (!dryRun) this.#tell(report);
    return report;
  }

  async #collectImages(dryRun: boolean): Promise<readonly Item[]> {
    const { images, retention, inUse } = this.#options;
    const stays = (item: Item): boolean => this.#isFresh(item) || inUse(item.id as ImageDigest);
    const leaving = surplus(await images.built(), retention.images, this.#now(), stays);
    if (dryRun) return leaving;
    const gone: Item[] = [];
    for (const item of leaving) {
      // It may have been asked for since it was listed.
      const mayGo = (usedAt: number): boolean => !stays({ ...item, usedAt });
      if (await images.collect(item.id as ImageDigest, mayGo)) gone.push(item);
    }
    return gone;
  }

  async #collectDebugFiles(
    dryRun: boolean,
    leaving: ReadonlySet<string>,
  ): Promise<readonly Item[]> {
    const { images, retention, inUse } = this.#options;
    const items = (await images.debugFiles()).filter(({ id }) => !leaving.has(id));
    const limits = { ...retention.debugFiles, maxBytes: Number.MAX_SAFE_INTEGER };
    const stays = (item: Item): boolean => this.#isFresh(item) || inUse(item.id as ImageDigest);
    const old = surplus(items, limits, this.#now(), stays);
    if (!dryRun) for (const { id } of old) await images.removeDebugFile(id as ImageDigest);
    return old;
  }

  async #collectBuilds(dryRun: boolean): Promise<readonly Item[]> {
    const { history, retention } = this.#options;
    const old = surplus(history.ended(), retention.builds, this.#now(), (item) =>
      this.#isFresh(item),
    );
    if (!dryRun) await history.remove(old.map(({ id }) => id));
    return old;
  }

  async #collectObjects(dryRun: boolean): Promise<readonly Item[]> {
    const { objects, retention } = this.#options;
    const old = surplus(await objects.items(), retention.objects, this.#now(), (item) =>
      this.#isFresh(item),
    );
    if (dryRun) return old;
    for (const { id } of old) await objects.remove(id);
    await objects.sweep(this.#now() - GRACE_MILLISECONDS);
    return old;
  }

  #isFresh({ usedAt }: Item): boolean {
    return this.#now() - usedAt <= GRACE_MILLISECONDS;
  }

  #tell(report: CollectionReport): void {
    const { onCollected, logger } = this.#options;
    if (report.freedBytes > 0) {
      const { images, ...rest } = report;
      logger.info({ images: images.length, ...rest }, 'removed what is no longer kept');
    }
    onCollected?.(report);
  }
}

function total(items: readonly Item[]): Collected {
  return { count: items.length, bytes: items.reduce((sum, { bytes }) => sum + bytes, 0) };
}
