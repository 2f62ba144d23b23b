// SPDX-License-Identifier: BSD-3-Clause
import { lstat, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../durable-file.js';
import type { Item } from './retention.js';

const KEY = /^[0-9a-f]{64}$/;
/** How many entries are looked at at a time, so that the thread pool is left to others. */
const AT_A_TIME = 16;

/**
 * The build rules' cache of objects (see the pools' support/README.md): a folder for each, named by its key, whose time is
 * that of its last use. Builds go on while it is looked at: what vanishes meanwhile is left out.
 */
export class ObjectFolder {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async items(): Promise<readonly Item[]> {
    const keys = (await list(this.#directory)).filter((name) => KEY.test(name));
    const items: Item[] = [];
    for (let at = 0; at < keys.length; at += AT_A_TIME) {
      const some = await Promise.all(keys.slice(at, at + AT_A_TIME).map((key) => this.#item(key)));
      items.push(...some.filter((item) => item !== null));
    }
    return items;
  }

  /** Takes an entry away at once, so that no build finds half of it. */
  async remove(key: string): Promise<void> {
    const grave = join(this.#directory, `.old.${key}`);
    try {
      await rename(join(this.#directory, key), grave);
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return;
      throw error;
    }
    await rm(grave, { recursive: true, force: true });
  }

  /** Removes what builds and removals that were killed have left: staging folders that are older than `before`. */
  async sweep(before: number): Promise<void> {
    for (const name of await list(this.#directory)) {
      if (!/^\.(old|new)\./.test(name)) continue;
      const path = join(this.#directory, name);
      const stats = await lstat(path).catch(() => null);
      if (stats !== null && stats.mtimeMs < before)
        await rm(path, { recursive: true, force: true });
    }
  }

  async #item(key: string): Promise<Item | null> {
    const folder = join(this.#directory, key);
    try {
      let bytes = 0;
      for (const name of await readdir(folder, { recursive: true })) {
        bytes += (await lstat(join(folder, name))).size;
      }
      return { id: key, bytes, usedAt: (await lstat(folder)).mtimeMs };
    } catch (error) {
      if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return null;
      throw error;
    }
  }
}

async function list(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}
