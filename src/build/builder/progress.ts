// SPDX-License-Identifier: BSD-3-Clause
import type { BuildProgress } from '../ports.js';

/** What the build rules print (the pools' support/README.md): how many files there are, each that is compiled, and the link. */
const LINE = /^ *(PLAN|CC|LINK) +\S{1,64} ?(\S{0,240})$/;
const MAX_FILES = 100_000;

/** Follows the output of one target's build. What anybody else prints there can make it wrong, but not more than that. */
export class ProgressReader {
  #progress: BuildProgress | null = null;

  get progress(): BuildProgress | null {
    return this.#progress;
  }

  /** Takes whole lines. Returns whether they told of progress. */
  read(lines: string): boolean {
    let told = false;
    for (const line of lines.split('\n')) {
      const [, kind, rest = ''] = LINE.exec(line) ?? [];
      if (kind !== undefined && this.#take(kind, rest)) told = true;
    }
    return told;
  }

  #take(kind: string, rest: string): boolean {
    if (kind === 'PLAN') {
      const total = /^\d{1,6}$/.test(rest) ? Number(rest) : 0;
      if (total < 1 || total > MAX_FILES) return false;
      this.#progress = { done: 0, total, file: null };
      return true;
    }
    if (this.#progress === null) return false;
    const { done, total } = this.#progress;
    // Files that come from the cache of objects are not printed; with the link, all are there.
    this.#progress =
      kind === 'LINK'
        ? { done: total, total, file: null }
        : { done: Math.min(done + 1, total), total, file: printable(rest) };
    return true;
  }
}

function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?');
}
