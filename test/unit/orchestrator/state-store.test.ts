// SPDX-License-Identifier: BSD-3-Clause
import { mkdtemp, open, rm, stat, writeFile } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MemoryStateStore, openSqliteStateStore } from '../../../src/orchestrator/state/index.js';
import { describeStateStore, storedEvent, storedInstance } from './state-store-contract.js';

describeStateStore('memory', () => {
  const store = new MemoryStateStore();
  return Promise.resolve({
    open: () => Promise.resolve(store),
    remove: () => Promise.resolve(),
  });
});

async function temporaryDirectory(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'unicore-state-'));
}

describeStateStore('SQLite', async () => {
  const directory = await temporaryDirectory();
  return {
    open: () => openSqliteStateStore(directory),
    remove: () => rm(directory, { recursive: true }),
  };
});

describe('the SQLite state store', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await temporaryDirectory();
  });
  afterEach(async () => {
    await rm(directory, { recursive: true });
  });

  test('is one daemon’s at a time', async () => {
    const first = await openSqliteStateStore(directory);
    await expect(openSqliteStateStore(directory)).rejects.toMatchObject({
      code: 'STATE_LOCKED',
      message: expect.stringContaining('Stop the daemon') as unknown,
    });
    await first.close();
    await (await openSqliteStateStore(directory)).close();
  });

  test('is made in a directory of its own, for its owner only', async () => {
    const inner = join(directory, 'a', 'state');
    await (await openSqliteStateStore(inner)).close();
    expect((await stat(inner)).mode & 0o777).toBe(0o700);
  });

  test('is unlocked, and whole, after SIGKILL of its process', async () => {
    // A process with the same locks and an unfinished transaction.
    await (await openSqliteStateStore(directory)).close();
    const script = `
      const { DatabaseSync } = require('node:sqlite');
      const db = new DatabaseSync(${JSON.stringify(join(directory, 'state.db'))});
      db.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
      db.exec("INSERT INTO operations (id, document) VALUES ('kept', '1')");
      db.exec("BEGIN; INSERT INTO operations (id, document) VALUES ('unfinished', '2')");
      process.stdout.write('ready');
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    await expect(openSqliteStateStore(directory)).rejects.toMatchObject({ code: 'STATE_LOCKED' });
    child.kill('SIGKILL');
    await once(child, 'exit');
    const store = await openSqliteStateStore(directory);
    expect((await store.load()).operations).toEqual([{ id: 'kept', document: 1 }]);
    await store.close();
  });

  test('that is not a database is said to be damaged, with what to do', async () => {
    await writeFile(join(directory, 'state.db'), 'this was never a database'.repeat(500));
    await expect(openSqliteStateStore(directory)).rejects.toMatchObject({
      code: 'STATE_CORRUPT',
      message: expect.stringContaining('Put a backup in its place') as unknown,
    });
  });

  test('whose pages were overwritten is said to be damaged', async () => {
    const store = await openSqliteStateStore(directory);
    const changes = Array.from({ length: 500 }, (_, index) => {
      return { type: 'put-instance', instance: storedInstance(index + 1) } as const;
    });
    await store.commit(changes, true);
    await store.close();
    const file = await open(join(directory, 'state.db'), 'r+');
    for (let page = 3; page < 40; page++)
      await file.write(Buffer.alloc(64, 0xa5), 0, 64, page * 4096);
    await file.close();
    await expect(openSqliteStateStore(directory)).rejects.toMatchObject({ code: 'STATE_CORRUPT' });
  });

  test('of a newer Unicore is left alone', async () => {
    await (await openSqliteStateStore(directory)).close();
    const { DatabaseSync } = await import('node:sqlite');
    const database = new DatabaseSync(join(directory, 'state.db'));
    database.exec("INSERT INTO migrations VALUES (99, 'later', '2040-01-01')");
    database.close();
    await expect(openSqliteStateStore(directory)).rejects.toMatchObject({
      code: 'STATE_CORRUPT',
      message: expect.stringContaining('newer Unicore') as unknown,
    });
  });

  test('that is full refuses a whole commit, and goes on when there is room', async () => {
    const store = await openSqliteStateStore(directory, { maximumBytes: 300_000 });
    await store.commit([{ type: 'put-instance', instance: storedInstance(1) }], true);
    const many = Array.from({ length: 1_000 }, (_, index) => {
      return { type: 'append-event', event: storedEvent(index + 1) } as const;
    });
    const big = { id: 'big', document: 'x'.repeat(400_000) };
    await expect(
      store.commit([...many.slice(0, 10), { type: 'put-operation', operation: big }], true),
    ).rejects.toMatchObject({ code: 'STORAGE_FULL' });
    expect((await store.load()).events).toEqual([]);
    await store.commit(many.slice(0, 10), true);
    const { instances, events } = await store.load();
    expect([instances.length, events.length]).toEqual([1, 10]);
    await store.close();
  });
});
