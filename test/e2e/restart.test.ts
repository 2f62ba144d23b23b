// SPDX-License-Identifier: BSD-3-Clause
import { readdir, readlink } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { InstanceDocument } from '../../src/wire/index.js';
import type { DaemonProcess } from './daemon-process.js';
import { startDaemonOnHosts, type DaemonOnHosts } from './hosts.js';

let hosts: DaemonOnHosts;
let daemon: DaemonProcess;
beforeAll(async () => {
  hosts = await startDaemonOnHosts();
  daemon = hosts.daemon;
});
afterAll(() => hosts[Symbol.asyncDispose]());

const show = async (id: string) =>
  (await daemon.get(`/v1/instances/${id}`)).body as InstanceDocument;

test.each(['SIGKILL', 'SIGTERM'] as const)(
  'after %s and a new start, every instance goes on with the right state',
  async (signal) => {
    const running = [
      await daemon.create({ app: 'daemonhello', target: 'linuxu-x86_64' }),
      await daemon.create({ app: 'daemonhello', target: 'kvm-x86_64' }),
    ];
    const paused = await daemon.create({ app: 'daemonhello', target: 'linuxu-x86_64' });
    await daemon.post(`/v1/instances/${paused.id}:pause`);
    const ended = await daemon.create({ app: 'exitcode', target: 'linuxu-x86_64', args: ['3'] });
    await expect.poll(async () => (await show(ended.id)).exitCode, { timeout: 30_000 }).toBe(3);

    const exitCode = await daemon.end(signal);
    if (signal === 'SIGTERM') expect(exitCode).toBe(0);
    await daemon.start();

    for (const { id, name } of running) {
      await expect
        .poll(() => show(id), { timeout: 60_000 })
        .toMatchObject({ name, phase: 'running', restarts: 0 });
    }
    await expect
      .poll(() => show(paused.id), { timeout: 30_000 })
      .toMatchObject({ phase: 'paused' });
    expect(await show(ended.id)).toMatchObject({ exitCode: 3 });
    for (const { id } of [...running, paused, ended]) {
      expect((await daemon.delete(`/v1/instances/${id}`)).status).toBe(204);
    }
  },
);

test('the same Idempotency-Key after a SIGKILL gives the same instance', async () => {
  const create = () =>
    daemon
      .post('/v1/instances', { app: 'daemonhello', target: 'linuxu-x86_64' })
      .set('Idempotency-Key', 'over-the-restart');
  const { id } = (await create()).body as InstanceDocument;
  await daemon.end('SIGKILL');
  await daemon.start();
  expect(((await create()).body as InstanceDocument).id).toBe(id);
  await daemon.delete(`/v1/instances/${id}`);
});

test('killed in the midst of a bulk creation, it finishes or cleans up, and nothing leaks', async () => {
  await daemon.post('/v1/instances', {
    app: 'daemonhello',
    target: 'linuxu-x86_64',
    count: 200,
    labels: { test: 'midst' },
  });
  await daemon.end('SIGKILL');
  await daemon.start();
  const list = async () =>
    (
      (await daemon.get('/v1/instances?limit=500&selector=test%3Dmidst')).body as {
        items: InstanceDocument[];
      }
    ).items;
  await expect
    .poll(
      async () =>
        (await list()).filter(({ phase }) => !['running', 'failed', 'stopped'].includes(phase)),
      { timeout: 60_000, interval: 200 },
    )
    .toEqual([]);
  for (const { id } of await list()) await daemon.delete(`/v1/instances/${id}`);
  const { items } = (await daemon.get('/v1/hosts')).body as {
    items: { id: string; instances: number }[];
  };
  expect(items.find(({ id }) => id === 'local')).toMatchObject({ instances: 0 });
  // Guests of other daemons on this machine are none of its business.
  await expect.poll(() => guestsOf(daemon.stateDir), { timeout: 60_000 }).toEqual([]);
});

/** The processes that run an image of a daemon. */
async function guestsOf(stateDirectory: string): Promise<string[]> {
  const programs = (await readdir('/proc'))
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => readlink(`/proc/${pid}/exe`).catch(() => ''));
  return (await Promise.all(programs)).filter((program) => program.startsWith(stateDirectory));
}
