// SPDX-License-Identifier: BSD-3-Clause
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StoredImage } from '../../src/build/image.js';
import { PlacedImages } from '../../src/orchestrator/drivers/dom0/index.js';
import { XenBed } from './bed.js';
import { xenImage } from './guests.js';

const OWNER = 'imageowner';
const FOLDER = `/var/lib/unicore/images/${OWNER}`;

let bed: XenBed;
beforeAll(async () => {
  bed = await XenBed.start('pvh');
});
afterAll(() => bed.stop());

async function image(content: string): Promise<StoredImage> {
  const path = join(bed.folder, `image-${content}`);
  await writeFile(path, content);
  return xenImage(path, 'pvh');
}

const nameOf = ({ manifest }: StoredImage) => manifest.digest.slice('sha256:'.length);
const there = async () => (await bed.succeed(`ls ${FOLDER}`)).trim().split('\n').sort();
const names = (...images: StoredImage[]) => images.map(nameOf).sort();
const nothing = () => Promise.resolve();

test('keeps the images used last, and whatever a creation under way needs', async () => {
  const images = new PlacedImages(bed.dom0, OWNER, { images: 1, bytes: 1024 });
  const [first, second, third] = [await image('1'), await image('2'), await image('3')];
  const proceed = Promise.withResolvers<undefined>();
  const underWay = images.use(first, async (path) => {
    await proceed.promise;
    return bed.succeed(`cat ${path}`);
  });
  await images.use(second, nothing);
  await images.use(third, nothing);
  await images.sweep();
  // The first was used longest ago, and is needed.
  expect(await there()).toEqual(names(first, third));
  proceed.resolve(undefined);
  expect(await underWay).toBe('1');

  await images.use(second, nothing);
  await images.sweep();
  expect(await there()).toEqual(names(second));
  await images.use(first, (path) => bed.succeed(`test -e ${path}`));
  await images.close();
});

test('a new daemon removes what a copy that was broken off has left, and knows what was used last', async () => {
  const before = new PlacedImages(bed.dom0, OWNER, { images: 2, bytes: 1024 });
  const [old, young] = [await image('old'), await image('young')];
  await before.use(old, nothing);
  await before.use(young, nothing);
  await before.close();
  await bed.succeed(
    `touch -d '1 hour ago' ${FOLDER}/${nameOf(old)}; touch ${FOLDER}/${nameOf(young)}`,
  );
  await bed.succeed(`touch ${FOLDER}/${nameOf(old)}.6b7d1f52-0f0c-4f4e-9d7e-0a6f5f1c2b3a`);

  const after = new PlacedImages(bed.dom0, OWNER, { images: 1, bytes: 1024 });
  await after.sweep();
  expect(await there()).toEqual(names(young));
  await after.close();
});

test('the bound of bytes holds, too', async () => {
  const images = new PlacedImages(bed.dom0, OWNER, { images: 10, bytes: 10 });
  const [six, five] = [await image('666666'), await image('55555')];
  await images.use(six, nothing);
  await images.use(five, nothing);
  await images.sweep();
  expect(await there()).toEqual(names(five));
  await images.close();
});
