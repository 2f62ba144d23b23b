// SPDX-License-Identifier: BSD-3-Clause
import type { ImageDigest, StoredImage } from '../../build/image.js';
import type { ImageStore } from '../../build/ports.js';

const MOST_IMAGES = 256;

/** Images that instances were lately made of, so that ten thousand of one image ask the store once. */
export class ImageCache {
  readonly #images = new Map<ImageDigest, Promise<StoredImage>>();

  constructor(private readonly store: Pick<ImageStore, 'get'>) {}

  /** @throws UNKNOWN_IMAGE, IMAGE_CORRUPT */
  get(digest: ImageDigest): Promise<StoredImage> {
    return this.#images.get(digest) ?? this.fresh(digest);
  }

  /** Asks the store, whatever is known. */
  fresh(digest: ImageDigest): Promise<StoredImage> {
    const image = this.store.get(digest);
    this.#images.delete(digest);
    this.#images.set(digest, image);
    image.catch(() => {
      if (this.#images.get(digest) === image) this.#images.delete(digest);
    });
    const [oldest] = this.#images.keys();
    if (this.#images.size > MOST_IMAGES && oldest !== undefined) this.#images.delete(oldest);
    return image;
  }
}
