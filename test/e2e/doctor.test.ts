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

test('linuxu: too few descriptors of the launcher are seen, and enough after the fix', async () => {
  const [launcher] = await processesNaming(join(daemon.stateDir, 'hosts', 'local'));
  const limit = (most: number) => run('prlimit', ['--pid', String(launcher), `--nofile=${most}:`]);
  await limit(300);
  expect(await find('local', 'linuxu.nofile')).toMatchObject({ severity: 'problem' });
  const { stdout } = await run('prlimit', [
    '--pid',
    String(launcher),
    '-n',
    '-o',
    'HARD',
    '--noheadings',
  ]);
  await limit(Number(stdout));
  expect((await find('local', 'linuxu.nofile'))?.severity).not.toBe('problem');
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
