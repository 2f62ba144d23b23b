// SPDX-License-Identifier: BSD-3-Clause
import { UnicoreError } from '../../errors/index.js';

export const MAXIMUM_IMAGE_BYTES = 256 * 1024 * 1024;

/** Passes chunks on, and ends with BODY_TOO_LARGE when there are more than `limit` bytes: a length can be untold or wrong. */
export async function* limitBytes(
  source: AsyncIterable<Uint8Array>,
  limit: number,
): AsyncIterable<Uint8Array> {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > limit) {
      throw new UnicoreError('BODY_TOO_LARGE', `An image is at most ${limit} bytes.`);
    }
    yield chunk;
  }
}
