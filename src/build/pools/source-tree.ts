// SPDX-License-Identifier: BSD-3-Clause
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileIdentity } from '../file-identity.js';
import { FolderWatch } from './folder-watch.js';

/** What the files of a tree were at one moment. */
export interface TreeSnapshot {
  /** Paths of all files, relative to the root, sorted. */
  readonly files: readonly string[];
  /** SHA-256 over the names, kinds and contents of all files, in hexadecimal. */
  readonly contentHash: string;
}

interface LastLook {
  readonly snapshot: TreeSnapshot;
  /** Which folder the root was: the path may be a link that points elsewhere by now. */
  readonly root: string;
  /** Watches all folders of the tree, or null where that would not tell all. */
  readonly watch: FolderWatch | null;
}

/** More files than any pools have; a tree with more is not one of ours. */
const MAX_FILES = 50_000;

/** File systems of this machine alone, where inotify tells of every write: ext2/3/4, XFS, Btrfs, tmpfs, F2FS. Source: linux/magic.h. */
const LOCAL_FILE_SYSTEMS: ReadonlySet<number> = new Set([
  0xef53, 0x58465342, 0x9123683e, 0x01021994, 0xf2f52010,
]);

/**
 * A tree of sources, and what it is now. After something happened in the tree, a snapshot stats every file and reads those
 * whose identity changed; as long as nothing did, it is the last one. On a file system that cannot tell what happens it
 * looks each time. The calls are synchronous, because for a few hundred files in the kernel's cache that takes a few
 * milliseconds, and a tenth of what the same calls take on the thread pool.
 *
 * What a build writes is not part of the sources: folders named `build`, and names that begin with a dot.
 */
export class SourceTree {
  readonly root: string;
  #hashes = new Map<string, { readonly identity: string; readonly hash: string }>();
  #last: LastLook | null = null;

  constructor(root: string) {
    this.root = root;
  }

  /** The tree as it is now, with all that was done to it before the call; the same object as before if nothing changed. */
  async snapshot(): Promise<TreeSnapshot> {
    // What happened before the call has come to the watch when the event loop has gone round once.
    await nextTurn();
    const root = statSync(this.root, { bigint: true });
    const identity = `${root.dev}:${root.ino}`;
    const last = this.#last;
    if (last?.watch?.quiet === true && last.root === identity) return last.snapshot;

    last?.watch?.close();
    const watch = LOCAL_FILE_SYSTEMS.has(statfsSync(this.root).type)
      ? new FolderWatch(isNoSource)
      : null;
    const touched = this.#look(watch);
    let snapshot = last === null || touched ? this.#summary() : last.snapshot;
    if (snapshot.contentHash === last?.snapshot.contentHash) snapshot = last.snapshot;
    this.#last = { snapshot, root: identity, watch };
    return snapshot;
  }

  /** Lets go of the tree; a snapshot can still be asked for. */
  close(): void {
    this.#last?.watch?.close();
  }

  /** Brings the hashes up to date, and says whether any file is another than before, whatever is in it. */
  #look(watch: FolderWatch | null): boolean {
    const seen = new Map<string, { readonly identity: string; readonly hash: string }>();
    let touched = false;
    for (const path of this.#walk('', watch)) {
      const before = this.#hashes.get(path);
      const stats = lstatSync(join(this.root, path), { bigint: true });
      const identity = `${stats.mode}:${fileIdentity(stats)}`;
      if (before?.identity === identity) {
        seen.set(path, before);
      } else {
        touched = true;
        seen.set(path, { identity, hash: this.#hash(path, stats.isSymbolicLink(), stats.mode) });
      }
    }
    touched ||= seen.size !== this.#hashes.size;
    this.#hashes = seen;
    return touched;
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

  #walk(root: string, watch: FolderWatch | null): readonly string[] {
    const files: string[] = [];
    const folders = [root];
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      const absolute = join(this.root, folder);
      watch?.add(absolute);
      for (const entry of readdirSync(absolute, { withFileTypes: true })) {
        if (isNoSource(entry.name)) continue;
        const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
        if (entry.isDirectory()) {
          folders.push(path);
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

function isNoSource(name: string): boolean {
  return name === 'build' || name.startsWith('.');
}
