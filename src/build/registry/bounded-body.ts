// SPDX-License-Identifier: BSD-3-Clause
import { createHash } from 'node:crypto';
import { UnicoreError } from '../../errors/index.js';

/** What a descriptor of the OCI Image Specification says of content. */
export interface Content {
  readonly digest: string;
  readonly size: number;
}

/**
 * Passes on exactly the content that was announced.
 * @throws REGISTRY_CONTENT_MISMATCH, at the latest at the end: what came before is then worth nothing
 */
export async function* verified(
  source: AsyncIterable<Uint8Array>,
  { digest, size }: Content,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.byteLength;
    if (bytes > size) throw mismatch(digest, `it has more than the ${size} bytes that it should`);
    hash.update(chunk);
    yield chunk;
  }
  if (bytes < size) throw mismatch(digest, `it ended after ${bytes} of ${size} bytes`);
  const found = `sha256:${hash.digest('hex')}`;
  if (found !== digest) throw mismatch(digest, `its content has the digest ${found}`);
}

/** All of it, at most `limit` bytes. @throws REGISTRY_CONTENT_MISMATCH if there are more */
export async function collect(source: AsyncIterable<Uint8Array>, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.byteLength;
    if (bytes > limit) throw mismatch('the answer', `it has more than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export function mismatch(what: string, why: string): UnicoreError {
  return new UnicoreError(
    'REGISTRY_CONTENT_MISMATCH',
    `What the registry sent for ${what} is not what it should be: ${why}. Nothing of it was kept.`,
  );
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
