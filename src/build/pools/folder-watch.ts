// SPDX-License-Identifier: BSD-3-Clause
import { watch, type FSWatcher } from 'node:fs';

/**
 * Tells whether something happened in any of some folders, by inotify(7). It tells it once: then it lets go of the folders,
 * and whoever wants to know more looks at them and watches them anew.
 *
 * Not told are writes through a shared mapping, and what another machine does to a file system of the network. Nor is
 * anything told before the event loop has come round: see {@link FolderWatch.quiet}.
 */
export class FolderWatch {
  readonly #isIgnored: (name: string) => boolean;
  readonly #watchers: FSWatcher[] = [];
  #broken = false;

  /** `isIgnored` gets the names of files and folders in the watched ones: what happens to those that it takes is not told. */
  constructor(isIgnored: (name: string) => boolean) {
    this.#isIgnored = isIgnored;
  }

  /** Whether nothing happened in the folders, as far as was told when the event loop last came round. */
  get quiet(): boolean {
    return !this.#broken;
  }

  /** From now on, what happens in the folder breaks the quiet. So does a folder that cannot be watched. */
  add(folder: string): void {
    if (this.#broken) return;
    try {
      const watcher = watch(folder, { persistent: false });
      watcher.on('change', (_event, name) => {
        if (typeof name !== 'string' || !this.#isIgnored(name)) this.close();
      });
      watcher.on('error', () => this.close());
      this.#watchers.push(watcher);
    } catch {
      this.close(); // the user's inotify watches are used up
    }
  }

  close(): void {
    this.#broken = true;
    for (const watcher of this.#watchers.splice(0)) watcher.close();
  }
}
