// SPDX-License-Identifier: BSD-3-Clause
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileIdentity } from '../file-identity.js';

/** What the files of a tree were at one moment. */
export interface TreeSnapshot {
  /** Paths of all files, relative to the root, sorted. */
  readonly files: readonly string[];
  /** SHA-256 over the names, kinds and contents of all files, in hexadecimal. */
  readonly contentHash: string;
}

/** More files than any pools have; a tree with more is not one of ours. */
const MAX_FILES = 50_000;

/**
 * Watches over a tree of sources by looking: a snapshot stats every file and reads those whose identity changed since the
 * last one. The calls are synchronous, because for a few hundred files in the kernel's cache that takes a few
 * milliseconds, and a tenth of what the same calls take on the thread pool.
 *
 * What a build writes is not part of the sources: folders named `build`, and names that begin with a dot.
 */
export class SourceTree {
  readonly root: string;
  #hashes = new Map<string, { readonly identity: string; readonly hash: string }>();
  #snapshot: TreeSnapshot | null = null;

  constructor(root: string) {
    this.root = root;
  }

  /** The tree as it is now; the same object as before if nothing changed. */
  snapshot(): TreeSnapshot {
    const seen = new Map<string, { readonly identity: string; readonly hash: string }>();
    let changed = false;
    for (const path of this.#walk('')) {
      const before = this.#hashes.get(path);
      const stats = lstatSync(join(this.root, path), { bigint: true });
      const identity = `${stats.mode}:${fileIdentity(stats)}`;
      if (before?.identity === identity) {
        seen.set(path, before);
      } else {
        changed = true;
        seen.set(path, { identity, hash: this.#hash(path, stats.isSymbolicLink(), stats.mode) });
      }
    }
    if (this.#snapshot !== null && !changed && seen.size === this.#hashes.size) {
      return this.#snapshot;
    }
    this.#hashes = seen;
    this.#snapshot = this.#summary();
    return this.#snapshot;
  }

  #summary(): TreeSnapshot {
    const files = [...this.#hashes.keys()].sort();
    const total = createHash('sha256');
    for (const path of files) total.update(`${path}\0${this.#hashes.get(path)?.hash ?? ''}\0`);
    return { files, contentHash: total.digest('hex') };
  }

  #hash(path: string, isLink: boolean, mode: bigint): string {
    const absolute = join(this.root, path);
    const kind = isLink ? 'link' : (mode & 0o111n) === 0n ? 'file' : 'program';
    const content = isLink ? readlinkSync(absolute) : readFileSync(absolute);
    return createHash('sha256').update(`${kind}\0`).update(content).digest('hex');
  }

  #walk(root: string): readonly string[] {
    const files: string[] = [];
    const folders = [root];
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      for (const entry of readdirSync(join(this.root, folder), { withFileTypes: true })) {
        if (entry.name.startsWith('.')) continue;
        const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
        if (entry.isDirectory()) {
          if (entry.name !== 'build') folders.push(path);
        } else if (entry.isFile() || entry.isSymbolicLink()) {
          files.push(path);
        }
      }
      if (files.length > MAX_FILES) {
        throw new Error(`${this.root} has more than ${MAX_FILES} files: it is not a tree of pools`);
      }
    }
    return files;
  }
}
