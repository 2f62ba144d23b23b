// SPDX-License-Identifier: BSD-3-Clause
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { InstanceDocument, OperationDocument } from '../../src/wire/index.js';
import { SmallDisk } from '../support/small-disk.js';
import { DaemonProcess } from './daemon-process.js';

const MIB = 2 ** 20;
/** A database that is full already grows no more; one that has some room of its own takes a few more. */
const MOST_CREATIONS = 5_000;

let directory: string;
let disk: SmallDisk;
let daemon: DaemonProcess;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'uc-'));
  disk = await SmallDisk.mount(directory, 64 * MIB);
  const toml = '[[hosts]]\nid = "local"\ndriver = "linuxu"\n';
  daemon = await DaemonProcess.startIn(directory, { toml, disk });
});
afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  await disk.unmount();
  await rm(directory, { recursive: true, force: true });
});

/** The ids of all instances that run. */
async function running(): Promise<string[]> {
  const found: string[] = [];
  let cursor: string | null = null;
  do {
    const query = { limit: 500, phase: 'running', ...(cursor === null ? {} : { cursor }) };
    const answer = await daemon.get('/v1/instances').query(query);
    const page = answer.body as { items: InstanceDocument[]; next: string | null };
    found.push(...page.items.map(({ id }) => id));
    cursor = page.next;
  } while (cursor !== null);
  return found.sort();
}

test('a full disk refuses with a clear error, loses nothing, and is got over', async () => {
  const first = await daemon.create({ app: 'daemonhello', target: 'linuxu-x86_64' });
  const accepted = [first.id];
  await disk.fill();
  const full = { status: 507, body: { code: 'STORAGE_FULL' } };
  let refused = await daemon.post('/v1/instances?wait=0', { image: first.image });
  for (let i = 0; refused.status === 202 && i < MOST_CREATIONS; i++) {
    accepted.push((refused.body as InstanceDocument).id);
    refused = await daemon.post('/v1/instances?wait=0', { image: first.image });
  }
  expect(refused).toMatchObject(full);
  expect(refused.headers['retry-after']).toBeDefined();
  expect((refused.body as { detail: string }).detail).toContain('Free some space');
  const name = 'x'.repeat(50);
  const bulk = { image: first.image, count: 500, name };
  expect(await daemon.post('/v1/instances', bulk)).toMatchObject(full);

  // What is there goes on, and can be read.
  accepted.sort();
  await expect.poll(running, { timeout: 60_000 }).toEqual(accepted);
  await daemon.end('SIGKILL');
  await expect(daemon.start()).rejects.toThrow('STORAGE_FULL');

  await disk.free();
  await daemon.start();
  await expect.poll(running, { timeout: 60_000 }).toEqual(accepted);
  const after = await daemon.create({ image: first.image });
  accepted.push(after.id);
  expect(await running()).toEqual(accepted.sort());
  const deleted = await daemon.post('/v1/instances:delete', { all: true });
  const { id } = deleted.body as OperationDocument;
  const ended = await daemon.get(`/v1/operations/${id}?items=0&wait=60`);
  expect(ended.body).toMatchObject({ phase: 'succeeded', done: accepted.length });
});
