// SPDX-License-Identifier: BSD-3-Clause
import { copyFile, mkdtemp, open, readFile, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSqliteStateStore } from '../../../src/orchestrator/state/index.js';
import { storedInstance } from './state-store-contract.js';

const PAGE_BYTES = 4_096;
const HEADER_BYTES = 32;
const FRAME_BYTES = 24 + PAGE_BYTES;
const COMMITS = 20;

let directory: string;
let wal: string;
/** The files of a store whose process was killed, with so many commits in its log. */
beforeEach(async () => {
  const source = await mkdtemp(join(tmpdir(), 'unicore-wal-'));
  directory = await mkdtemp(join(tmpdir(), 'unicore-wal-'));
  wal = join(directory, 'state.db-wal');
  const store = await openSqliteStateStore(source);
  for (let n = 1; n <= COMMITS; n++) {
    await store.commit([{ type: 'put-instance', instance: storedInstance(n) }], true);
  }
  for (const name of ['state.db', 'state.db-wal']) {
    await copyFile(join(source, name), join(directory, name));
  }
  await store.close();
  await rm(source, { recursive: true });
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function overwrite(position: number): Promise<void> {
  const file = await open(wal, 'r+');
  await file.write(Buffer.from([0xa5, 0x5a, 0xa5]), 0, 3, position);
  await file.close();
}

async function instances(): Promise<number> {
  const store = await openSqliteStateStore(directory);
  const { length } = (await store.load()).instances;
  await store.close();
  return length;
}

test('a log that was not damaged is read', async () => {
  expect(await instances()).toBe(COMMITS);
});

describe('a log', () => {
  test.each([
    ['in its header', 20],
    ['in the page of its first frame', HEADER_BYTES + 24 + 100],
    ['in the head of a frame', HEADER_BYTES + 9 * FRAME_BYTES],
    ['in the generation of a frame', HEADER_BYTES + 9 * FRAME_BYTES + 9],
    ['in a page in its midst', HEADER_BYTES + 9 * FRAME_BYTES + 2_000],
  ])('damaged %s is refused with what to do, and left as it is', async (_where, position) => {
    await overwrite(position);
    const before = await readFile(wal);
    await expect(openSqliteStateStore(directory)).rejects.toMatchObject({
      code: 'STATE_CORRUPT',
      message: expect.stringMatching(/damaged .* Put a backup .*PRAGMA wal_checkpoint/) as unknown,
    });
    expect((await readFile(wal)).equals(before)).toBe(true);
  });

  test('whose last write was cut short has everything but that', async () => {
    const { size } = await stat(wal);
    await truncate(wal, size - 100);
    expect(await instances()).toBe(COMMITS - 1);
  });

  test('with frames of an earlier generation behind its own is whole', async () => {
    // Written over from its beginning after a checkpoint, as SQLite does when it has grown.
    const store = await openSqliteStateStore(directory);
    const many = Array.from({ length: 3_000 }, (_, index) => {
      return { type: 'put-instance', instance: storedInstance(1_000 + index) } as const;
    });
    await store.commit(many, true);
    await store.commit([{ type: 'put-instance', instance: storedInstance(5_000) }], true);
    const copy = await mkdtemp(join(tmpdir(), 'unicore-wal-'));
    for (const name of ['state.db', 'state.db-wal']) {
      await copyFile(join(directory, name), join(copy, name));
    }
    await store.close();
    await rm(directory, { recursive: true });
    directory = copy;
    expect(await instances()).toBe(COMMITS + 3_001);
  });
});
