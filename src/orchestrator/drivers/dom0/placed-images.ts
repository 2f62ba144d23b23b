// SPDX-License-Identifier: BSD-3-Clause
import type { StoredImage } from '../../../build/image.js';
import type { Dom0 } from './dom0.js';

/** What is kept for the next creation of images that none under way needs: a domain has read its image when it is made. */
const KEPT: PlacedImagesBounds = { images: 64, bytes: 256 * 1024 * 1024 };
/** Hexadecimal digits of a SHA-256. */
const DIGITS = 64;
const MILLISECONDS = 60_000;

export interface PlacedImagesBounds {
  readonly images: number;
  readonly bytes: number;
}

/** An image in dom0, by its file's name, which is its content's SHA-256. */
interface Placed {
  readonly path: Promise<string>;
  /** Creations under way that need the file. */
  users: number;
}

interface File {
  readonly name: string;
  readonly bytes: number;
}

/**
 * Images in a folder of dom0, which takes the paths of its guests' kernels for its own. Named by content, and copied once; those not used
 * for longest go when there are too many. The folder is this process's alone.
 */
export class PlacedImages {
  readonly #dom0: Dom0;
  readonly #folder: string;
  readonly #kept: PlacedImagesBounds;
  /** By name, the one used last at the end. */
  readonly #placed = new Map<string, Placed>();
  #sweep: Promise<void> | null = null;
  #closed = false;

  /** `owner`: see `XlDriverOptions`. */
  constructor(dom0: Dom0, owner: string, kept = KEPT) {
    this.#dom0 = dom0;
    this.#folder = `/var/lib/unicore/images/${owner}`;
    this.#kept = kept;
  }

  /** Does something that needs the image in dom0, whose path there it is given. */
  async use<T>(image: StoredImage, work: (path: string) => Promise<T>): Promise<T> {
    while (this.#sweep !== null) await this.#sweep;
    const name = image.manifest.digest.slice('sha256:'.length);
    const known = this.#placed.get(name);
    const placed = known ?? { path: this.#place(image.path, name), users: 0 };
    this.#placed.delete(name);
    this.#placed.set(name, placed);
    placed.users++;
    try {
      return await work(await placed.path);
    } finally {
      placed.users--;
      if (known === undefined) void this.sweep();
    }
  }

  /** Whether a kernel is one of these. */
  holds(path: string): boolean {
    return path.startsWith(`${this.#folder}/`);
  }

  /** To be called when dom0 may have been started anew. */
  forget(): void {
    for (const [name, { users }] of this.#placed) if (users === 0) this.#placed.delete(name);
    void this.sweep();
  }

  /** Removes what is too much, and what copies that were broken off have left. What fails now is done by the next one. */
  sweep(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#sweep ??= this.#sweepOnce()
      .catch(() => undefined)
      .finally(() => {
        this.#sweep = null;
      });
    return this.#sweep;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#sweep;
  }

  #place(localPath: string, name: string): Promise<string> {
    const path = `${this.#folder}/${name}`;
    const placed = this.#dom0.put(localPath, path).then(() => path);
    placed.catch(() => this.#placed.delete(name));
    return placed;
  }

  async #sweepOnce(): Promise<void> {
    const removed = this.#tooMuch(await this.#files());
    if (removed.length === 0) return;
    for (const { name } of removed) this.#placed.delete(name);
    await this.#dom0.run(
      ['rm', '-f', '--', ...removed.map(({ name }) => `${this.#folder}/${name}`)],
      {
        timeoutMilliseconds: MILLISECONDS,
      },
    );
  }

  /** The folder's files, the youngest first; none where there is no folder yet. */
  async #files(): Promise<File[]> {
    const { stdout } = await this.#dom0.run(
      ['find', this.#folder, '-maxdepth', '1', '-type', 'f', '-printf', '%T@ %s %f\\n'],
      { timeoutMilliseconds: MILLISECONDS },
    );
    const files = [...stdout.matchAll(/^(\d+)\S* (\d+) ([0-9a-f.-]+)$/gm)];
    return files
      .sort(([, one], [, other]) => Number(other) - Number(one))
      .map(([, , bytes, name = '']) => ({ name, bytes: Number(bytes) }));
  }

  /** At most some hundreds, so that they fit into one command. */
  #tooMuch(files: readonly File[]): File[] {
    const used = new Map([...this.#placed.keys()].reverse().map((name, rank) => [name, rank]));
    const rankOf = ({ name }: File): number => used.get(name) ?? this.#placed.size;
    let images = 0;
    let bytes = 0;
    return files
      .toSorted((one, other) => rankOf(one) - rankOf(other))
      .filter((file) => {
        const name = file.name.slice(0, DIGITS);
        if ((this.#placed.get(name)?.users ?? 0) > 0) return false;
        // A copy that was broken off: one under way is of an image that is needed.
        if (file.name !== name) return true;
        images++;
        bytes += file.bytes;
        return images > this.#kept.images || bytes > this.#kept.bytes;
      })
      .slice(0, 500);
  }
}
