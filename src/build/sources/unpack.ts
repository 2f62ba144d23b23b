// SPDX-License-Identifier: BSD-3-Clause
import { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { isUnicoreError, messageOf, UnicoreError } from '../../errors/index.js';
import { ARCHIVE_LIMITS, RATIO_FREE_BYTES } from './limits.js';

export type Compression = 'gzip' | 'zstd';

/**
 * Uncompresses an archive as it arrives, in memory, and stops as soon as it is too large or becomes too much longer.
 * @throws BODY_TOO_LARGE, ARCHIVE_TOO_LARGE, INVALID_ARCHIVE, the source's own errors
 */
export async function uncompress(
  source: AsyncIterable<Uint8Array>,
  compression: Compression,
): Promise<Buffer> {
  const decompress = compression === 'gzip' ? createGunzip() : createZstdDecompress();
  let received = 0;
  const input = Readable.from(
    (async function* () {
      for await (const chunk of source) {
        received += chunk.length;
        if (received > ARCHIVE_LIMITS.archiveBytes) {
          throw new UnicoreError(
            'BODY_TOO_LARGE',
            `An archive is at most ${ARCHIVE_LIMITS.archiveBytes} bytes.`,
          );
        }
        yield chunk;
      }
    })(),
    { objectMode: false },
  );
  const sourceErrors: Error[] = [];
  input.once('error', (error) => {
    sourceErrors.push(error);
    decompress.destroy(error);
  });
  input.pipe(decompress);
  const chunks: Buffer[] = [];
  let unpacked = 0;
  try {
    for await (const chunk of decompress as AsyncIterable<Buffer>) {
      unpacked += chunk.length;
      requireBound(unpacked, received);
      chunks.push(chunk);
    }
  } catch (error) {
    if (sourceErrors.length > 0 || isUnicoreError(error)) throw error;
    throw new UnicoreError(
      'INVALID_ARCHIVE',
      `The body is no whole ${compression} file: ${messageOf(error)}.`,
      {
        cause: error,
      },
    );
  } finally {
    input.destroy();
    decompress.destroy();
  }
  return Buffer.concat(chunks);
}

function requireBound(unpacked: number, received: number): void {
  const { unpackedBytes, ratio } = ARCHIVE_LIMITS;
  if (unpacked > unpackedBytes) {
    throw new UnicoreError(
      'ARCHIVE_TOO_LARGE',
      `Unpacked, an archive is at most ${unpackedBytes} bytes.`,
    );
  }
  if (unpacked > RATIO_FREE_BYTES && unpacked > received * ratio) {
    throw new UnicoreError(
      'ARCHIVE_TOO_LARGE',
      `An archive becomes at most ${ratio} times as long when it is unpacked.`,
    );
  }
}
