// SPDX-License-Identifier: BSD-3-Clause
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UnicoreError } from '../../errors/index.js';
import { replaceFile } from '../durable-file.js';
import type { Logger } from '../logger.js';
import type { Build } from '../ports.js';
import { BuildLog } from './build-log.js';
import { formatBuild, hasEnded, interrupted, parseBuild } from './build-record.js';

interface Entry {
  build: Build;
  readonly log: BuildLog;
  /** The record's writes, one after another. It never rejects. */
  saved: Promise<void>;
}

export interface BuildHistoryOptions {
  /** A folder for each build, with `build.json` and `log`. Created if it is not there. */
  readonly directory: string;
  /** How many builds that have ended are kept. */
  readonly maxEnded: number;
  readonly logger: Logger;
}

/** The builds that there are and were, with their logs: in memory for reads, on disk for the next daemon. */
export class BuildHistory {
  readonly #options: BuildHistoryOptions;
  readonly #entries = new Map<string, Entry>();

  private constructor(options: BuildHistoryOptions) {
    this.#options = options;
  }

  /** Reads what an earlier daemon left. A build that it did not finish has failed. */
  static async open(options: BuildHistoryOptions): Promise<BuildHistory> {
    const history = new BuildHistory(options);
    await mkdir(options.directory, { recursive: true });
    await history.#load();
    return history;
  }

  /** @throws UNKNOWN_BUILD */
  get(id: string): Build {
    return this.#entry(id).build;
  }

  /** @throws UNKNOWN_BUILD */
  log(id: string): BuildLog {
    return this.#entry(id).log;
  }

  /** Newest first. */
  list(): readonly Build[] {
    return [...this.#entries.values()].map(({ build }) => build).reverse();
  }

  /**
   * Takes in a new build. It is there at once, and on disk when the promise resolves.
   * @throws STORAGE_FULL
   */
  add(build: Build): Promise<void> {
    const folder = join(this.#options.directory, build.id);
    const recorded = mkdir(folder).then(() =>
      replaceFile(join(folder, 'build.json'), formatBuild(build)),
    );
    const saved = recorded.catch(() => undefined);
    const log = BuildLog.begin(join(folder, 'log'), saved);
    this.#entries.set(build.id, { build, log, saved });
    return recorded;
  }

  /** Replaces a build by what it has become. */
  update(build: Build): void {
    const entry = this.#entry(build.id);
    entry.build = build;
    entry.saved = entry.saved.then(() => this.#save(entry));
  }

  /** Replaces a build by one that is to be seen, and need not be remembered. */
  show(build: Build): void {
    this.#entry(build.id).build = build;
  }

  /** Resolves when all that a build has become is on disk. */
  async saved(id: string): Promise<void> {
    await this.#entry(id).saved;
  }

  /** Removes the oldest builds that have ended, where there are more than are kept. */
  async prune(): Promise<void> {
    const ended = this.ended();
    const surplus = ended.slice(0, Math.max(0, ended.length - this.#options.maxEnded));
    await this.remove(surplus.map(({ id }) => id));
  }

  /** The builds that have ended, oldest first, with the bytes of their logs and when they ended. */
  ended(): readonly { readonly id: string; readonly bytes: number; readonly usedAt: number }[] {
    return [...this.#entries.values()]
      .filter(({ build }) => hasEnded(build.phase))
      .map(({ build: { id, finishedAt, createdAt }, log }) => {
        return { id, bytes: log.size, usedAt: Date.parse(finishedAt ?? createdAt) };
      });
  }

  /** Removes builds, which must have ended. Those that are not there are left out. */
  async remove(ids: readonly string[]): Promise<void> {
    const entries = ids.flatMap((id) => this.#entries.get(id) ?? []);
    for (const { build } of entries) this.#entries.delete(build.id);
    for (const { build, saved } of entries) {
      await saved;
      await rm(join(this.#options.directory, build.id), { recursive: true, force: true });
    }
  }

  #entry(id: string): Entry {
    const entry = this.#entries.get(id);
    if (entry === undefined) {
      throw new UnicoreError(
        'UNKNOWN_BUILD',
        `There is no build ${JSON.stringify(id.slice(0, 64))}. Old builds are forgotten.`,
      );
    }
    return entry;
  }

  async #save(entry: Entry): Promise<void> {
    const path = join(this.#options.directory, entry.build.id, 'build.json');
    try {
      await replaceFile(path, formatBuild(entry.build));
    } catch (error) {
      this.#options.logger.error({ build: entry.build.id, err: error }, 'cannot record a build');
    }
  }

  async #load(): Promise<void> {
    const { directory, logger } = this.#options;
    const builds: Build[] = [];
    for (const name of await readdir(directory)) {
      const folder = join(directory, name);
      try {
        const build = parseBuild(await readFile(join(folder, 'build.json'), 'utf8'));
        if (build.id !== name) throw new Error('it is the record of another build');
        builds.push(build);
      } catch (error) {
        logger.warn({ folder, err: error }, 'removed a build whose record is damaged');
        await rm(folder, { recursive: true, force: true });
      }
    }
    builds.sort((a, b) => a.createdAt.localeCompare(b.createdAt));
    for (const build of builds) {
      const log = await BuildLog.ended(join(directory, build.id, 'log'));
      this.#entries.set(build.id, { build, log, saved: Promise.resolve() });
      if (!hasEnded(build.phase)) this.update(interrupted(build, new Date().toISOString()));
    }
    await this.prune();
  }
}
