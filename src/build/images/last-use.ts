// SPDX-License-Identifier: BSD-3-Clause
import { utimes } from 'node:fs/promises';
import type { ImageDigest } from '../image.js';

/** How old the time on disk may get; writing it at each use would cost more than it is worth. */
const SAVE_MILLISECONDS = 3_600_000;

/** When each image was last asked for: exact in memory, to the hour on disk, as the time of the image's folder. */
export class LastUse {
  readonly #times = new Map<ImageDigest, { used: number; saved: number }>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Takes over the time that stands on disk, in milliseconds since 1970. */
  load(digest: ImageDigest, saved: number): void {
    this.#times.set(digest, { used: saved, saved });
  }

  note(digest: ImageDigest, folder: string): void {
    const used = this.#now();
    const times = this.#times.get(digest) ?? { used, saved: 0 };
    times.used = used;
    this.#times.set(digest, times);
    if (used - times.saved < SAVE_MILLISECONDS) return;
    times.saved = used;
    // Nothing depends on it: an image whose time is not kept is collected earlier, and built again.
    utimes(folder, used / 1000, used / 1000).catch(() => undefined);
  }

  /** Milliseconds since 1970; 0 if it is not known. */
  of(digest: ImageDigest): number {
    return this.#times.get(digest)?.used ?? 0;
  }

  forget(digest: ImageDigest): void {
    this.#times.delete(digest);
  }
}
