// SPDX-License-Identifier: BSD-3-Clause
import { chmod, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  bootableImage,
  imageStoreContract,
  inPieces,
} from '../../../test/contracts/image-store.js';
import { recordingLogger } from '../../../test/support/logger.js';
import { isUnicoreError } from '../../errors/index.js';
import { NO_BACKGROUND } from '../image.js';
import { DirectoryImageStore, type BuiltImage } from './directory-image-store.js';

const BUILT: BuiltImage = {
  app: 'helloworld',
  target: 'kvm-x86_64',
  architecture: 'x86_64',
  bootProtocols: ['pvh'],
  reportsReady: true,
  parks: true,
  minimumMemoryBytes: 2_097_152,
  libraries: [
    {
      name: 'libc',
      bytes: 100,
      sizes: { code: 60, constants: 20, data: 10, bss: 10 },
      version: '1.2',
      licence: 'BSD-3-Clause',
      sourcesHash: 'cd',
    },
  ],
  configuration: 'CONFIG_LIBLIBC=y\n',
  inputsHash: 'ab',
  ...NO_BACKGROUND,
  buildId: 'ef',
};

async function openIn(directory: string): Promise<DirectoryImageStore> {
  const maxImportBytes = 1024 * 1024;
  return DirectoryImageStore.open({ directory, logger: recordingLogger(), maxImportBytes });
}

async function temporaryDirectory(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'unicore-images-'));
}

imageStoreContract('DirectoryImageStore', async () => {
  const directory = await temporaryDirectory();
  return {
    store: await openIn(directory),
    close: () => rm(directory, { recursive: true, force: true }),
  };
});

describe('DirectoryImageStore', () => {
  let directory: string;
  let store: DirectoryImageStore;

  beforeEach(async () => {
    directory = await temporaryDirectory();
    store = await openIn(directory);
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  async function isCorrupt(promise: Promise<unknown>): Promise<boolean> {
    return promise.then(
      () => false,
      (error: unknown) => isUnicoreError(error, 'IMAGE_CORRUPT'),
    );
  }

  it('finds its images again after a restart, and nothing that was unfinished', async () => {
    const { manifest } = await store.import(inPieces(bootableImage(1)));
    await writeFile(join(directory, 'incoming', 'unfinished'), 'half an image');
    const reopened = await openIn(directory);
    expect(await reopened.list()).toEqual([manifest]);
    expect(await readdir(join(directory, 'incoming'))).toEqual([]);
  });

  it('still reads the manifests of before there were libraries with versions', async () => {
    const file = join(directory, 'built');
    await writeFile(file, bootableImage(1));
    const { manifest, path } = await store.add(BUILT, file, null);
    const { digest, bytes, app, target, architecture, bootProtocols, reportsReady } = manifest;
    const { minimumMemoryBytes, configuration, inputsHash, origin, createdAt } = manifest;
    const first = { digest, bytes, app, target, architecture, bootProtocols, reportsReady };
    const rest = { minimumMemoryBytes, configuration, inputsHash, origin, createdAt };
    const old = { ...first, libraries: [{ name: 'libc', bytes: 100 }], ...rest };
    await chmod(join(dirname(path), 'manifest.json'), 0o644);
    await writeFile(join(dirname(path), 'manifest.json'), JSON.stringify(old));
    const unknown = { sizes: null, version: null, licence: null, sourcesHash: null };
    expect((await (await openIn(directory)).get(digest)).manifest).toEqual({
      ...old,
      libraries: [{ name: 'libc', bytes: 100, ...unknown }],
      parks: false,
      ...NO_BACKGROUND,
    });
  });

  it('leaves nothing behind in its working folder', async () => {
    const { manifest } = await store.import(inPieces(bootableImage(1)));
    await store.import(inPieces(bootableImage(1)));
    await store.import(inPieces(Buffer.from('no'))).catch(() => undefined);
    await store.delete(manifest.digest);
    expect(await readdir(join(directory, 'incoming'))).toEqual([]);
  });

  it('keeps the debug image beside, and makes the image executable and read-only', async () => {
    const file = join(directory, 'built');
    await writeFile(file, bootableImage(1));
    await writeFile(`${file}.dbg`, 'symbols');
    const { manifest, path } = await store.add(BUILT, file, `${file}.dbg`);
    expect(manifest).toMatchObject({ ...BUILT, origin: 'built' });
    expect((await stat(path)).mode & 0o777).toBe(0o555);
    expect(await readFile(`${path}.dbg`, 'utf8')).toBe('symbols');
  });

  it('notices changed bytes, although size and mtime were set back, and takes the image in anew', async () => {
    const image = bootableImage(1);
    const { manifest, path } = await store.import(inPieces(image));
    const { atime, mtime } = await stat(path);
    await chmod(path, 0o644);
    await writeFile(path, bootableImage(2));
    await utimes(path, atime, mtime);
    expect(await isCorrupt(store.get(manifest.digest))).toBe(true);
    expect(await isCorrupt((await openIn(directory)).get(manifest.digest))).toBe(true);
    await store.import(inPieces(image));
    expect(await readFile((await store.get(manifest.digest)).path)).toEqual(image);
  });

  it('says of a file that was removed that the image is damaged', async () => {
    const { manifest, path } = await store.import(inPieces(bootableImage(1)));
    await rm(path);
    expect(await isCorrupt(store.get(manifest.digest))).toBe(true);
    await store.delete(manifest.digest);
    expect(await store.list()).toEqual([]);
  });

  it('leaves out an image whose manifest is damaged, warns, and can take it in anew', async () => {
    const { manifest, path } = await store.import(inPieces(bootableImage(1)));
    const manifestPath = join(dirname(path), 'manifest.json');
    await chmod(manifestPath, 0o644);
    await writeFile(manifestPath, '{"digest":');
    const logger = recordingLogger();
    const reopened = await DirectoryImageStore.open({ directory, logger });
    expect(await reopened.list()).toEqual([]);
    expect(logger.problems).toEqual(['left out an image with a damaged manifest']);
    const again = await reopened.import(inPieces(bootableImage(1)));
    expect(again.manifest.digest).toBe(manifest.digest);
  });
});
