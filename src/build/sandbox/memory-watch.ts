// SPDX-License-Identifier: BSD-3-Clause
import { readdirSync, readFileSync } from 'node:fs';

const PAGE_BYTES = 4096;
const INTERVAL_MILLISECONDS = 200;
/** Of one run; a sandbox may not have that many. */
const MAX_PROCESSES = 10_000;

/** The process and all that descend from it, by proc(5). Orphans of a PID namespace stay below its first process. */
export function descendants(root: number): readonly number[] {
  const found = [root];
  for (let index = 0; index < found.length && found.length < MAX_PROCESSES; index++) {
    const tasks = `/proc/${found[index]}/task`;
    try {
      for (const task of readdirSync(tasks)) {
        const children = readFileSync(`${tasks}/${task}/children`, 'latin1').trim();
        if (children !== '') found.push(...children.split(' ').map(Number));
      }
    } catch {
      continue; // it has ended
    }
  }
  return found;
}

/** Bytes that processes hold in memory. What they share is counted for each. */
function residentBytes(pids: readonly number[]): number {
  let pages = 0;
  for (const pid of pids) {
    try {
      pages += Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]);
    } catch {
      continue; // it has ended
    }
  }
  return pages * PAGE_BYTES;
}

/**
 * Looks at a process and its descendants several times a second, and calls back once when they hold too much memory together: a
 * bound on each does not bound the sum.
 * @returns what ends the watch
 */
export function watchMemory(root: number, maxBytes: number, onExceeded: () => void): () => void {
  const timer = setInterval(() => {
    if (residentBytes(descendants(root)) <= maxBytes) return;
    clearInterval(timer);
    onExceeded();
  }, INTERVAL_MILLISECONDS);
  timer.unref();
  return () => clearInterval(timer);
}
