// SPDX-License-Identifier: BSD-3-Clause
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hostExaminationSchema } from '../../src/wire/index.js';
import { PrivateLibvirtd } from '../drivers/libvirtd.js';
import { DaemonProcess, processesNaming } from './daemon-process.js';
import { A_DEAD_HOST, hostsToml } from './hosts.js';

const run = promisify(execFile);

let libvirtd: PrivateLibvirtd;
let daemon: DaemonProcess;
beforeAll(async () => {
  libvirtd = await PrivateLibvirtd.start();
  daemon = await DaemonProcess.start({ toml: hostsToml(libvirtd.uri) + A_DEAD_HOST });
});
afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  await libvirtd.stop();
});

const examine = async (host: string) =>
  hostExaminationSchema.parse((await daemon.get(`/v1/hosts/${host}/doctor`)).body).findings;
const find = async (host: string, id: string) =>
  (await examine(host)).find((each) => each.id === id);

test.each(['local', 'qemu'])(
  '%s: all of a real host is seen, and nothing is wrong',
  async (host) => {
    const findings = await examine(host);
    expect(findings.length).toBeGreaterThan(10);
    const bad = findings.filter(({ severity }) => severity === 'unknown' || severity === 'problem');
    expect(bad).toEqual([]);
  },
);

/** Takes descriptors away from the launcher of linuxu instances, and gives them back. */
async function limitLauncher(most: number) {
  const [pid = 0] = await processesNaming(join(daemon.stateDir, 'hosts', 'local'));
  const prlimit = async (...args: string[]) =>
    (await run('prlimit', ['--pid', String(pid), ...args])).stdout.trim();
  const hard = await prlimit('-n', '-o', 'HARD', '--noheadings');
  await prlimit(`--nofile=${most}:`);
  return { restore: () => prlimit(`--nofile=${hard}:`) };
}

test('linuxu: too few descriptors of the launcher are seen, and enough after the fix', async () => {
  const { restore } = await limitLauncher(300);
  expect(await find('local', 'linuxu.nofile')).toMatchObject({ severity: 'problem' });
  await restore();
  expect((await find('local', 'linuxu.nofile'))?.severity).not.toBe('problem');
});

test('a host without descriptors refuses with 507, which says what to raise; a deletion gives back', async () => {
  const { restore } = await limitLauncher(128 + 2);
  const body = { app: 'daemonhello', target: 'linuxu-x86_64', host: 'local' };
  try {
    await examine('local');
    const first = await daemon.create(body);
    await daemon.create(body);
    const refused = await daemon.post('/v1/instances?wait=60', body);
    expect([refused.status, refused.body]).toMatchObject([507, { code: 'NO_CAPACITY' }]);
    const { detail } = refused.body as { detail: string };
    expect(detail).toContain('descriptors are used up (Open files of the launcher: 130');
    expect(detail).toContain((await find('local', 'linuxu.nofile'))?.fix);
    const many = await daemon.post('/v1/instances', { ...body, count: 2, allOrNothing: true });
    expect([many.status, many.body]).toMatchObject([507, { code: 'NO_CAPACITY' }]);
    expect((await daemon.delete(`/v1/instances/${first.id}?wait=60`)).status).toBe(204);
    await daemon.create(body);
  } finally {
    await restore();
  }
  await examine('local');
  await daemon.create(body);
});

test('libvirt: few threads and clients of libvirtd are seen, and enough after the fix', async () => {
  const admin = `libvirtd+unix:///system?socket=${join(libvirtd.directory, 'run/libvirt-admin-sock')}`;
  const set = (command: string, option: string, value: number) =>
    run('virt-admin', ['-c', admin, command, 'libvirtd', option, String(value)]);
  expect(await find('qemu', 'libvirt.reaper')).toMatchObject({
    severity: 'ok',
    found: 'tini waits',
  });
  await set('server-threadpool-set', '--max-workers', 5);
  await set('server-clients-set', '--max-unauth-clients', 1);
  await set('server-clients-set', '--max-clients', 7);
  expect(await find('qemu', 'libvirt.max-workers')).toMatchObject({ severity: 'warning' });
  expect(await find('qemu', 'libvirt.max-clients')).toMatchObject({ severity: 'problem' });
  await set('server-threadpool-set', '--max-workers', 20);
  await set('server-clients-set', '--max-clients', 200);
  expect(await find('qemu', 'libvirt.max-workers')).toMatchObject({ severity: 'ok' });
  expect(await find('qemu', 'libvirt.max-clients')).toMatchObject({ severity: 'ok' });
});

test('a host that does not answer is a problem, with the reason', async () => {
  expect((await examine('gone'))[0]).toMatchObject({
    id: 'host.connection',
    severity: 'problem',
    found: expect.stringContaining('libvirt-sock') as string,
  });
});
