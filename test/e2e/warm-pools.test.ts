// SPDX-License-Identifier: BSD-3-Clause
import request from 'supertest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { InstanceDocument, WarmPoolDocument } from '../../src/wire/index.js';
import type { DaemonProcess } from './daemon-process.js';
import { startDaemonOnHosts, type DaemonOnHosts } from './hosts.js';

let hosts: DaemonOnHosts;
let daemon: DaemonProcess;
beforeAll(async () => {
  hosts = await startDaemonOnHosts();
  daemon = hosts.daemon;
});
afterAll(() => hosts[Symbol.asyncDispose]());

const pool = async (name: string) =>
  (await daemon.get(`/v1/warm-pools/${name}`)).body as WarmPoolDocument;
const full = (name: string, ready: number) =>
  expect.poll(() => pool(name), { timeout: 90_000 }).toMatchObject({ ready, warming: 0 });
const show = async (id: string) =>
  (await daemon.get(`/v1/instances/${id}`)).body as InstanceDocument;

test.each(['linuxu-x86_64', 'kvm-x86_64'])(
  '%s: instances are claimed from a pool, before and after a SIGKILL',
  async (target) => {
    const name = target.startsWith('kvm') ? 'kvm' : 'linuxu';
    const put = await request(daemon.url)
      .put(`/v1/warm-pools/${name}`)
      .auth(daemon.token, { type: 'bearer' })
      .send({ app: 'exitcode', target, size: 2 });
    expect(put.body).toMatchObject({ warmth: 'booted', min: 2, max: 2 });
    await full(name, 2);

    const claim = async (code: number): Promise<InstanceDocument> => {
      const made = await daemon.create({ app: 'exitcode', target, args: [String(code)] });
      expect(made).toMatchObject({ provisioning: 'warm', app: 'exitcode' });
      await expect
        .poll(() => show(made.id), { timeout: 30_000 })
        .toMatchObject({ phase: 'stopped', exitCode: code });
      return made;
    };
    const first = await claim(7);
    await full(name, 2);
    await daemon.end('SIGKILL');
    await daemon.start();
    await full(name, 2);
    const second = await claim(9);
    expect(second.id).not.toBe(first.id);
    expect((await pool(name)).hits).toBe(1);
    const { text } = await daemon.get('/metrics');
    expect(text).toContain(`unicore_warm_pool_requests_total{pool="${name}",result="hit"} 1\n`);
    expect(text).toContain(`unicore_warm_pool_guests{pool="${name}",state="wanted"} 2\n`);
    for (const { id } of [first, second]) await daemon.delete(`/v1/instances/${id}`);
    expect((await daemon.delete(`/v1/warm-pools/${name}`)).status).toBe(204);
    await expect.poll(async () => (await daemon.get(`/v1/warm-pools/${name}`)).status).toBe(404);
  },
);
