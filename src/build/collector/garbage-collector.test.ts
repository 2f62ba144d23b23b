// SPDX-License-Identifier: BSD-3-Clause
import { randomUUID } from 'node:crypto';
import { access, mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bootableImage, inPieces } from '../../../test/contracts/image-store.js';
import { recordingLogger } from '../../../test/support/logger.js';
import { isUnicoreError } from '../../errors/index.js';
import { BuildHistory } from '../builder/index.js';
import { NO_BACKGROUND, type ImageDigest } from '../image.js';
import { DirectoryImageStore, type BuiltImage } from '../images/index.js';
import type { CollectionReport } from '../ports.js';
import { GarbageCollector, GRACE_MILLISECONDS, type Retention } from './garbage-collector.js';
import { ObjectFolder } from './object-folder.js';

const DAY = 86_400_000;
const EVERYTHING: Retention = {
  images: { maxBytes: Number.MAX_SAFE_INTEGER, maxAgeMilliseconds: 1000 * DAY },
  debugFiles: { maxAgeMilliseconds: 1000 * DAY },
  builds: { maxBytes: Number.MAX_SAFE_INTEGER, maxAgeMilliseconds: 1000 * DAY },
  objects: { maxBytes: Number.MAX_SAFE_INTEGER, maxAgeMilliseconds: 1000 * DAY },
};
const NOTHING = { maxBytes: 0, maxAgeMilliseconds: 1000 * DAY };

describe('GarbageCollector', () => {
  let root: string;
  let now: number;
  let images: DirectoryImageStore;
  let history: BuildHistory;
  const inUse = new Set<ImageDigest>();

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'unicore-collector-'));
    now = Date.now();
    inUse.clear();
    images = await openStore();
    const directory = join(root, 'builds');
    history = await BuildHistory.open({ directory, maxEnded: 100, logger: recordingLogger() });
    await mkdir(join(root, 'objects'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const openStore = (): Promise<DirectoryImageStore> =>
    DirectoryImageStore.open({
      directory: join(root, 'images'),
      logger: recordingLogger(),
      now: () => now,
    });

  function collector(
    retention: Partial<Retention>,
    onCollected: (report: CollectionReport) => void = () => undefined,
  ): GarbageCollector {
    return new GarbageCollector({
      ...{ images, history, onCollected, logger: recordingLogger(), now: () => now },
      objects: new ObjectFolder(join(root, 'objects')),
      retention: { ...EVERYTHING, ...retention },
      inUse: (digest) => inUse.has(digest),
    });
  }

  /** An image as a build gives it, of a content of its own. */
  async function built(name: string, debug = false): Promise<ImageDigest> {
    const file = join(root, name);
    await writeFile(file, Buffer.concat([bootableImage(1), Buffer.from(name)]));
    const about: BuiltImage = {
      ...{ app: name, target: 'kvm-x86_64', architecture: 'x86_64', bootProtocols: ['pvh'] },
      ...{
        reportsReady: true,
        parks: false,
        minimumMemoryBytes: null,
        libraries: [],
        configuration: '',
      },
      ...{ inputsHash: name, ...NO_BACKGROUND },
    };
    const { manifest } = await images.add(about, file, debug ? file : null);
    return manifest.digest;
  }

  const names = async (): Promise<readonly (string | null)[]> =>
    (await images.list()).map(({ app }) => app).sort();

  const pass = (milliseconds: number): void => {
    now += milliseconds;
  };

  it('removes images that nobody used for too long', async () => {
    await built('old');
    pass(5 * DAY);
    await built('new');
    pass(6 * DAY);
    const { images: gone } = await collector({
      images: { ...EVERYTHING.images, maxAgeMilliseconds: 10 * DAY },
    }).collect();
    expect(gone).toHaveLength(1);
    expect(await names()).toEqual(['new']);
  });

  it('removes the least recently used images until the rest fits', async () => {
    const first = await built('first');
    for (const name of ['second', 'third']) {
      pass(DAY);
      await built(name);
    }
    pass(DAY);
    await images.get(first);
    pass(DAY);
    const sizes = (await images.built()).map(({ bytes }) => bytes);
    const maxBytes = sizes.reduce((sum, bytes) => sum + bytes, 0) - 1;
    await collector({ images: { ...NOTHING, maxBytes } }).collect();
    expect(await names()).toEqual(['first', 'third']);
  });

  it('knows the last use after the daemon was started again', async () => {
    const digest = await built('used');
    pass(DAY);
    await built('unused');
    pass(DAY);
    await images.get(digest);
    // The time is written beside the request; the next one waits for the first.
    await expect
      .poll(async () => (await readdir(join(root, 'images', 'sha256'))).length)
      .toBeGreaterThan(0);
    await expect
      .poll(async () => {
        const files = await (await openStore()).built();
        return files.find(({ id }) => id === digest)?.usedAt ?? 0;
      })
      .toBeGreaterThan(now - 1000);
  });

  it('keeps what is in use, what was just given to someone, and what was imported', async () => {
    inUse.add(await built('in-use'));
    const { manifest } = await images.import(inPieces(bootableImage(2)));
    await built('unused');
    pass(100 * DAY);
    await built('just-built');
    pass(GRACE_MILLISECONDS);
    await collector({ images: { maxBytes: 0, maxAgeMilliseconds: 0 } }).collect();
    expect(await names()).toEqual([manifest.app, 'in-use', 'just-built'].sort());
  });

  it('keeps an image that is asked for while others are being removed', async () => {
    const digest = await built('wanted');
    pass(DAY);
    let asked: Promise<unknown> | undefined;
    const { images: gone } = await new GarbageCollector({
      ...{ images, history, logger: recordingLogger(), now: () => now },
      objects: new ObjectFolder(join(root, 'objects')),
      retention: { ...EVERYTHING, images: NOTHING },
      // A request comes between the choice and the removal.
      inUse: () => {
        asked ??= images.get(digest);
        return false;
      },
    }).collect();
    await asked;
    expect(gone).toEqual([]);
    expect(await names()).toEqual(['wanted']);
  });

  it('never takes away what a request has been given, whatever goes on at the same time', async () => {
    const digests = await Promise.all(
      Array.from({ length: 8 }, (_, index) => built(`app-${index}`)),
    );
    const greedy = collector({ images: NOTHING });
    for (let round = 0; round < 25; round += 1) {
      pass(2 * GRACE_MILLISECONDS);
      const creates = digests.map(async (digest, index) => {
        for (let turn = 0; turn < (round * 7 + index * 3) % 11; turn += 1) await Promise.resolve();
        try {
          await images.get(digest);
        } catch (error) {
          if (!isUnicoreError(error, 'UNKNOWN_IMAGE')) throw error;
          await built(`app-${index}`);
        }
        // The instance is recorded later than the image is given.
        await new Promise((resolve) => setImmediate(resolve));
        inUse.add(digest);
        await images.get(digest);
      });
      await Promise.all([...creates, greedy.collect(), greedy.collect()]);
      for (const digest of digests) await images.get(digest);
      inUse.clear();
    }
  });

  it('removes old debug files, and leaves their images', async () => {
    await built('with', true);
    await built('without');
    pass(40 * DAY);
    const { debugFiles } = await collector({
      debugFiles: { maxAgeMilliseconds: 30 * DAY },
    }).collect();
    expect(debugFiles.count).toBe(1);
    expect(await images.debugFiles()).toEqual([]);
    expect(await names()).toEqual(['with', 'without']);
  });

  it('removes objects, the least recently used first, and what was left half done', async () => {
    const objects = join(root, 'objects');
    const key = (digit: string): string => digit.repeat(64);
    for (const [index, digit] of ['a', 'b', 'c'].entries()) {
      await mkdir(join(objects, key(digit)));
      await writeFile(join(objects, key(digit), 'x.o'), 'x'.repeat(100));
      const used = (now - (3 - index) * DAY) / 1000;
      await utimes(join(objects, key(digit)), used, used);
    }
    for (const [name, age] of [
      ['.new.dead', DAY],
      ['.new.alive', 0],
    ] as const) {
      await mkdir(join(objects, name));
      await utimes(join(objects, name), (now - age) / 1000, (now - age) / 1000);
    }
    const report = await collector({ objects: { ...NOTHING, maxBytes: 200 } }).collect();
    expect(report.objects).toEqual({ count: 1, bytes: 100 });
    expect((await readdir(objects)).sort()).toEqual(['.new.alive', key('b'), key('c')]);
  });

  it('removes records of builds that ended long ago', async () => {
    const id = randomUUID();
    const ended = new Date(now).toISOString();
    await history.add({
      ...{ id, app: 'helloworld', source: null, phase: 'succeeded', targets: [] },
      ...{ createdAt: ended, startedAt: ended, finishedAt: ended },
    });
    pass(40 * DAY);
    const limits = { ...EVERYTHING.builds, maxAgeMilliseconds: 30 * DAY };
    expect((await collector({ builds: limits }).collect()).builds.count).toBe(1);
    expect(history.list()).toEqual([]);
    await expect(access(join(root, 'builds', id))).rejects.toThrow('ENOENT');
  });

  it('only tells what it would do when it is asked to', async () => {
    const told: CollectionReport[] = [];
    await built('kept', true);
    pass(DAY);
    const greedy = collector({ images: NOTHING }, (report) => told.push(report));
    const dry = await greedy.collect({ dryRun: true });
    expect(dry).toMatchObject({ dryRun: true, images: [{}] });
    expect(await names()).toEqual(['kept']);
    expect(told).toEqual([]);
    const wet = await greedy.collect();
    expect({ ...wet, dryRun: true }).toEqual(dry);
    expect(wet.freedBytes).toBeGreaterThan(2 * bootableImage(1).length);
    expect(told).toEqual([wet]);
    expect(await names()).toEqual([]);
  });

  it('works at once when it is started, and ends when it is stopped', async () => {
    await built('old');
    pass(DAY);
    const told = Promise.withResolvers<CollectionReport>();
    const running = collector({ images: NOTHING }, told.resolve);
    running.start(60_000);
    expect((await told.promise).images).toHaveLength(1);
    await running.stop();
  });
});
