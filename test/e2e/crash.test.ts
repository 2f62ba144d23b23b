// SPDX-License-Identifier: BSD-3-Clause
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HostDocument, InstanceDocument, OperationDocument } from '../../src/wire/index.js';
import { PrivateLibvirtd } from '../drivers/libvirtd.js';
import { DaemonProcess } from './daemon-process.js';

const run = promisify(execFile);

let libvirtd: PrivateLibvirtd;
let daemon: DaemonProcess;
beforeAll(async () => {
  libvirtd = await PrivateLibvirtd.start();
  daemon = await DaemonProcess.start({
    toml: `
[[hosts]]
id = "local"
driver = "linuxu"

[[hosts]]
id = "qemu"
driver = "libvirt"
uri = ${JSON.stringify(libvirtd.uri)}
`,
  });
});
afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  await libvirtd.stop();
});

/** All instances of a selector. */
async function list(selector: string): Promise<InstanceDocument[]> {
  const found: InstanceDocument[] = [];
  let cursor: string | null = null;
  do {
    const query = { limit: 500, selector, ...(cursor === null ? {} : { cursor }) };
    const answer = await daemon.get('/v1/instances').query(query);
    const page = answer.body as { items: InstanceDocument[]; next: string | null };
    found.push(...page.items);
    cursor = page.next;
  } while (cursor !== null);
  return found;
}

const operation = async (id: string, query = 'items=0') =>
  (await daemon.get(`/v1/operations/${id}?${query}`)).body as OperationDocument;

const host = async (id: string) => (await daemon.get(`/v1/hosts/${id}`)).body as HostDocument;

/** The UUIDs of what really runs, as libvirt itself says. */
async function domainsOfLibvirt(): Promise<string[]> {
  const { stdout } = await run('virsh', ['-c', libvirtd.uri, 'list', '--uuid']);
  return stdout.split('\n').filter((line) => line !== '');
}

/** The ids of what really runs on the linuxu host, as its launcher says. */
async function domainsOfLinux(): Promise<string[]> {
  const { text } = await daemon.get('/v1/metrics/instances?limit=10000');
  const lines = text.matchAll(/^unicore_instance_memory_bytes\{id="([^"]+)",.*host="local"\}/gm);
  return [...lines].map(([, id]) => id ?? '');
}

/** Kills the daemon each time the operation has come further, until it has ended. Returns how often. */
async function killUntilEnded(id: string, most: number): Promise<number> {
  let kills = 0;
  let last = -1;
  for (;;) {
    const { phase, done, failed } = await operation(id, 'items=0&wait=0.2');
    if (phase !== 'running') return kills;
    if (kills >= most || done + failed <= last) continue;
    last = done + failed;
    await daemon.end('SIGKILL');
    await daemon.start();
    kills++;
  }
}

describe.each([
  ['linuxu-x86_64', 600, 6, domainsOfLinux],
  ['kvm-x86_64', 8, 4, domainsOfLibvirt],
] as const)('%s: the daemon, killed again and again', (target, count, most, really) => {
  const selector = `crash=${target}`;

  test('during a bulk creation: what runs is what is recorded, each once', async () => {
    const accepted = await daemon.post('/v1/instances', {
      app: 'daemonhello',
      target,
      count,
      name: 'crash{n:04}',
      labels: { crash: target },
    });
    const { id } = accepted.body as OperationDocument;
    expect(await killUntilEnded(id, most)).toBeGreaterThan(0);
    expect(await operation(id)).toMatchObject({ phase: 'succeeded', done: count, failed: 0 });
    const instances = await list(selector);
    expect(instances.map(({ phase }) => phase)).toEqual(instances.map(() => 'running'));
    expect(new Set(instances.map(({ name }) => name)).size).toBe(count);
    expect((await really()).sort()).toEqual(instances.map((each) => each.id).sort());
  });

  test('during a bulk deletion: nothing is left', async () => {
    const accepted = await daemon.post('/v1/instances:delete', { selector });
    const { id } = accepted.body as OperationDocument;
    await killUntilEnded(id, most);
    expect(await operation(id)).toMatchObject({ phase: 'succeeded', done: count, failed: 0 });
    expect(await list(selector)).toEqual([]);
    expect(await really()).toEqual([]);
    expect(await host(target === 'kvm-x86_64' ? 'qemu' : 'local')).toMatchObject({
      instances: 0,
      strangers: 0,
      reservedBytes: 0,
    });
  });
});

test('libvirtd killed and started again: instances are lost, then found, and none was destroyed', async () => {
  const { id } = await daemon.create({ app: 'daemonhello', target: 'kvm-x86_64' });
  const phase = async () =>
    ((await daemon.get(`/v1/instances/${id}`)).body as InstanceDocument).phase;
  libvirtd.signal('SIGKILL');
  await expect.poll(phase, { timeout: 60_000 }).toBe('lost');
  await libvirtd.restart();
  await expect.poll(phase, { timeout: 60_000 }).toBe('running');
  expect((await daemon.get(`/v1/instances/${id}`)).body).toMatchObject({ restarts: 0 });
  expect(await domainsOfLibvirt()).toEqual([id]);
  await daemon.delete(`/v1/instances/${id}`);
});
