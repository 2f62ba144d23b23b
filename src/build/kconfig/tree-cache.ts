// SPDX-License-Identifier: BSD-3-Clause
import { statSync } from 'node:fs';
import path from 'node:path';
import { filesBelow } from './source-files.js';
import { loadKconfig, type KconfigTree } from './tree.js';

export interface TreeQuestion {
  /** Absolute path of the first file. */
  readonly root: string;
  /** Folders that Kconfig files may be read from. */
  readonly roots: readonly string[];
  /** Where relative paths in `source` begin. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
}

interface Entry {
  readonly tree: KconfigTree;
  readonly stamps: readonly string[];
}

/**
 * Keeps trees that have been read, a bounded number, and reads one again when any of its files has changed. A file that a
 * pattern would match now and did not before is noticed only when another file changes.
 */
export class TreeCache {
  private readonly entries = new Map<string, Entry>();

  constructor(private readonly capacity = 32) {}

  /** @throws KconfigError */
  get(question: TreeQuestion): KconfigTree {
    const key = JSON.stringify([
      question.root,
      question.roots,
      question.directory,
      Object.entries(question.environment).sort(([left], [right]) => (left < right ? -1 : 1)),
    ]);
    const known = this.entries.get(key);
    this.entries.delete(key);
    const entry = known !== undefined && isFresh(known) ? known : read(question);
    this.entries.set(key, entry);
    for (const oldest of this.entries.keys()) {
      if (this.entries.size <= this.capacity) break;
      this.entries.delete(oldest);
    }
    return entry.tree;
  }
}

function read(question: TreeQuestion): Entry {
  const { root, roots, directory, environment } = question;
  const files = filesBelow(roots, directory, environment.srctree);
  const tree = loadKconfig({ entry: path.resolve(root), files, environment });
  return { tree, stamps: tree.files.map(stampOf) };
}

function isFresh({ tree, stamps }: Entry): boolean {
  return tree.files.every((file, index) => stampOf(file) === stamps[index]);
}

function stampOf(file: string): string {
  const status = statSync(file, { throwIfNoEntry: false, bigint: true });
  return status === undefined ? '' : `${status.ino}:${status.size}:${status.mtimeNs}`;
}
