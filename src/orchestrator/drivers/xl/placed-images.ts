// SPDX-License-Identifier: BSD-3-Clause
import type { StoredImage } from '../../../build/image.js';
import type { Dom0 } from './dom0.js';

/** Images in a folder of dom0, which takes the paths of its guests' kernels for its own. Named by content, and copied once. */
export class PlacedImages {
  readonly #dom0: Dom0;
  readonly #folder: string;
  readonly #placed = new Map<string, Promise<string>>();

  /** `owner`: see `XlDriverOptions`. */
  constructor(dom0: Dom0, owner: string) {
    this.#dom0 = dom0;
    this.#folder = `/var/lib/unicore/images/${owner}`;
  }

  /** The image's path in dom0; it is there when this resolves. */
  place(image: StoredImage): Promise<string> {
    const { digest } = image.manifest;
    let placed = this.#placed.get(digest);
    if (placed === undefined) {
      const path = `${this.#folder}/${digest.slice('sha256:'.length)}`;
      placed = this.#dom0.put(image.path, path).then(() => path);
      this.#placed.set(digest, placed);
      placed.catch(() => this.#placed.delete(digest));
    }
    return placed;
  }

  /** Whether a kernel is one of these. */
  holds(path: string): boolean {
    return path.startsWith(`${this.#folder}/`);
  }

  /** To be called when dom0 may have been started anew. */
  forget(): void {
    this.#placed.clear();
  }
}
