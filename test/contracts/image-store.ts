// SPDX-License-Identifier: BSD-3-Clause
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isUnicoreError } from '../../src/errors/index.js';
import type { ImageDigest, StoredImage } from '../../src/build/image.js';
import type { ImageStore } from '../../src/build/ports.js';
import { elfFile, PVH_NOTE } from '../support/elf-file.js';

/** What a contract test needs of an adapter. */
export interface ImageStoreUnderTest {
  /** A store whose largest import is 1 MiB. */
  readonly store: ImageStore;
  close(): Promise<void>;
}

export const ABSENT: ImageDigest = `sha256:${'0'.repeat(64)}`;

/** The bytes in pieces, as a request's body brings them. */
export async function* inPieces(bytes: Uint8Array, size = 100): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) {
    await Promise.resolve();
    yield bytes.subarray(at, at + size);
  }
}

export function bootableImage(seed: number): Buffer {
  return elfFile({ notes: [PVH_NOTE], content: Buffer.alloc(64, seed) });
}

/** What every image store does. */
export function imageStoreContract(name: string, open: () => Promise<ImageStoreUnderTest>): void {
  describe(`${name} as an ImageStore`, () => {
    let underTest: ImageStoreUnderTest;
    let store: ImageStore;

    beforeEach(async () => {
      underTest = await open();
      store = underTest.store;
    });
    afterEach(() => underTest.close());

    const take = (seed: number): Promise<StoredImage> =>
      store.import(inPieces(bootableImage(seed)));
    const codeOf = (promise: Promise<unknown>): Promise<string> =>
      promise.then(
        () => 'none',
        (error: unknown) => (isUnicoreError(error) ? error.code : `foreign: ${String(error)}`),
      );

    it('gives back what it took in, named by its content', async () => {
      const image = bootableImage(1);
      const stored = await store.import(inPieces(image));
      expect(stored.manifest).toMatchObject({
        bytes: image.length,
        origin: 'imported',
        architecture: 'x86_64',
        bootProtocols: ['pvh'],
        reportsReady: false,
        parks: false,
        app: null,
        target: null,
      });
      const again = await store.get(stored.manifest.digest);
      expect(again).toEqual(stored);
      expect(await readFile(again.path)).toEqual(image);
    });

    it('keeps one copy of the same content, also when it comes twice at the same time', async () => {
      const [one, two] = await Promise.all([take(1), take(1)]);
      expect(one.manifest.digest).toBe(two.manifest.digest);
      await take(1);
      expect(await store.list()).toHaveLength(1);
      await store.get(one.manifest.digest);
    });

    it('lists all images, newest first', async () => {
      const digests: ImageDigest[] = [];
      for (const seed of [1, 2, 3]) digests.push((await take(seed)).manifest.digest);
      const listed = await store.list();
      expect(listed.map(({ digest }) => digest).sort()).toEqual(digests.sort());
      const times = listed.map(({ createdAt }) => createdAt);
      expect(times).toEqual([...times].sort().reverse());
    });

    it('deletes', async () => {
      const { manifest } = await take(1);
      await store.delete(manifest.digest);
      expect(await codeOf(store.get(manifest.digest))).toBe('UNKNOWN_IMAGE');
      expect(await codeOf(store.delete(manifest.digest))).toBe('UNKNOWN_IMAGE');
      expect(await store.list()).toEqual([]);
      expect((await take(1)).manifest.digest).toBe(manifest.digest);
    });

    it('knows nothing of an image that it never had', async () => {
      expect(await codeOf(store.get(ABSENT))).toBe('UNKNOWN_IMAGE');
      expect(await codeOf(store.delete(ABSENT))).toBe('UNKNOWN_IMAGE');
    });

    it('refuses what cannot boot and what is too large, and keeps nothing of it', async () => {
      expect(await codeOf(store.import(inPieces(Buffer.from('hello'))))).toBe('NOT_A_UNIKERNEL');
      expect(await codeOf(store.import(inPieces(Buffer.alloc(0))))).toBe('NOT_A_UNIKERNEL');
      const large = inPieces(Buffer.alloc(2 * 1024 * 1024), 65_536);
      expect(await codeOf(store.import(large))).toBe('BODY_TOO_LARGE');
      expect(await store.list()).toEqual([]);
    });

    it('hands on the error of a source that breaks off, and keeps nothing of it', async () => {
      const broken = new Error('connection reset');
      // eslint-disable-next-line @typescript-eslint/require-await -- a source that fails needs no await
      async function* breaksOff(): AsyncGenerator<Uint8Array> {
        yield bootableImage(1);
        throw broken;
      }
      await expect(store.import(breaksOff())).rejects.toBe(broken);
      expect(await store.list()).toEqual([]);
    });
  });
}
