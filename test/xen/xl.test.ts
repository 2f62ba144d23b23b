// SPDX-License-Identifier: BSD-3-Clause
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NO_BACKGROUND, type ImageDigest, type StoredImage } from '../../src/build/image.js';
import { SshDom0, XlDriver } from '../../src/orchestrator/drivers/xl/index.js';
import { DriverSession } from '../drivers/contract/session.js';
import { XenHost } from '../xenhost/xen-host.ts';

const APPLICATIONS = fileURLToPath(new URL('../../pools/app', import.meta.url));
const OWNER = 'xl-test-owner';
const MEBIBYTE = 1024 * 1024;

let folder: string;
let host: XenHost;
const images = new Map<string, string>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'uc-xen-'));
  for (const app of ['helloworld', 'exitcode', 'crash', 'daemonhello'])
    images.set(app, await build(app));
  host = await XenHost.start(join(folder, 'host'));
}, 900_000);

afterAll(async () => {
  await host.stop();
  await rm(folder, { recursive: true, force: true });
});

async function build(app: string): Promise<string> {
  const config = join(folder, `${app}.config`);
  await writeFile(config, 'CONFIG_TARGET_XEN_X86_64=y\n');
  const output = join(folder, app);
  const args = ['-s', '-C', join(APPLICATIONS, app), `O=${output}`, `UC_CONFIG=${config}`];
  execFileSync('make', args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: 120_000 });
  return join(output, `${app}_xen-x86_64`);
}

function connect(): XlDriver {
  const { key, knownHosts } = host.image;
  const options = ['-i', key, '-p', String(host.sshPort), '-o', 'HostKeyAlias=xenhost'];
  options.push('-o', `UserKnownHostsFile=${knownHosts}`, '-o', 'StrictHostKeyChecking=yes');
  const controlPath = join(folder, randomUUID().slice(0, 8));
  const dom0 = new SshDom0({ destination: 'root@127.0.0.1', options, controlPath });
  return new XlDriver({ dom0, owner: OWNER });
}

/** The driver starts an image that says PVH as PVH, so what it says decides which of the two entries is tried. */
function image(app: string, kind: 'pv' | 'pvh'): StoredImage {
  const digest: ImageDigest = `sha256:${Buffer.from(`${app}${kind}`).toString('hex').padEnd(64, '0').slice(0, 64)}`;
  return {
    path: images.get(app) ?? '',
    manifest: {
      digest,
      bytes: 0,
      app,
      target: 'xen-x86_64',
      architecture: 'x86_64',
      bootProtocols: kind === 'pvh' ? ['pvh', 'xen-pv'] : ['xen-pv'],
      reportsReady: true,
      parks: false,
      minimumMemoryBytes: null,
      libraries: [],
      configuration: null,
      inputsHash: null,
      ...NO_BACKGROUND,
      origin: 'built',
      createdAt: new Date().toISOString(),
    },
  };
}

describe.each([
  { kind: 'pvh', memoryBytes: 2 * MEBIBYTE },
  { kind: 'pv', memoryBytes: 4 * MEBIBYTE },
] as const)('$kind guests on a real Xen host, through xl', ({ kind, memoryBytes }) => {
  let session: DriverSession;

  beforeAll(async () => {
    session = await DriverSession.open({ connect, memoryBytes, patienceMilliseconds: 90_000 });
  });
  afterAll(() => session.end());

  test('helloworld boots in the smallest memory, greets, and exits with 0', async () => {
    const id = await session.start({ image: image('helloworld', kind), args: [] });
    expect(await session.untilEnded(id)).toMatchObject({ reason: 'exited', exitCode: 0 });
    expect(session.typesOf(id)).toEqual(['started', 'ready', 'ended']);
    expect(await session.output(id)).toMatch(/^uc: ready \d+\nHello.*\nuc: exit 0\n$/);
    expect(await session.observe(id)).toMatchObject({ state: 'stopped', owned: true });
    await session.driver.destroy(id);
    expect(await session.observe(id)).toBeUndefined();
  });

  test('an exit code comes through', async () => {
    const id = await session.start({ image: image('exitcode', kind), args: ['7'] });
    expect(await session.untilEnded(id)).toMatchObject({ reason: 'exited', exitCode: 7 });
  });

  test.each(['panic', 'invalid'])('a crash by %s is a crash', async (way) => {
    const id = await session.start({ image: image('crash', kind), args: [way] });
    expect((await session.untilEnded(id)).reason).toBe('crashed');
  });

  test('daemonhello is paused and resumed, and ends when it is asked to', async () => {
    const id = await session.start({ image: image('daemonhello', kind), args: [] });
    await session.untilEvent(id, 'ready');
    await session.driver.pause(id);
    expect(await session.observe(id)).toMatchObject({ state: 'paused' });
    await session.driver.resume(id);
    expect(await session.observe(id)).toMatchObject({ state: 'running' });
    await session.driver.shutdown(id);
    expect(await session.untilEnded(id)).toMatchObject({ reason: 'exited' });
  });

  test('another driver object finds what runs, and what it reported', async () => {
    const id = await session.start({ image: image('daemonhello', kind), args: [] });
    await session.untilEvent(id, 'ready');
    const again = connect();
    await again.open();
    try {
      const found = (await again.list()).find((domain) => domain.id === id);
      expect(found).toMatchObject({ owned: true, state: 'running', exit: null });
      expect(found?.ready?.bootNanoseconds).toBeGreaterThan(0);
    } finally {
      await again.close();
    }
    await session.driver.destroy(id);
    expect((await session.untilEnded(id)).reason).toBe('destroyed');
  });

  test('a stranger is shown and not touched', async () => {
    const id = randomUUID();
    await host.put(images.get('daemonhello') ?? '', '/root/stranger');
    const settings = `'name="stranger"' 'uuid="${id}"' 'kernel="/root/stranger"' 'type="${kind}"' memory=4 vcpus=1`;
    expect(await host.run(`xl create -q -e /dev/null ${settings}`)).toMatchObject({ exitCode: 0 });
    expect(await session.observe(id)).toMatchObject({ name: 'stranger', owned: false });
    await expect(session.driver.destroy(id)).rejects.toMatchObject({ code: 'DOMAIN_NOT_FOUND' });
    expect(await host.run('xl destroy stranger')).toMatchObject({ exitCode: 0 });
  });
});
