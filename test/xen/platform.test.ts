// SPDX-License-Identifier: BSD-3-Clause
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { claimGuest } from '../../src/orchestrator/drivers/dom0/claim.js';
import { connectXenstore, SshDom0 } from '../../src/orchestrator/drivers/dom0/index.js';
import { XenHost } from '../xenhost/xen-host.ts';

const POOLS = fileURLToPath(new URL('../../pools', import.meta.url));

let folder: string;
let host: XenHost;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'uc-xen-platform-'));
  for (const [app, source] of [
    ['helloworld', 'app/helloworld'],
    ['crash', 'app/crash'],
    ['test-xen', 'plat/xen/test'],
  ] as const) {
    await build(app, source);
  }
  host = await XenHost.start(join(folder, 'host'));
  for (const app of ['helloworld', 'crash', 'test-xen']) {
    for (const suffix of ['', '.xl', '-pv.xl']) {
      const file = join(folder, app, `${app}_xen-x86_64${suffix}`);
      await host.put(file, `/root/${basename(file)}`);
    }
  }
}, 900_000);

afterAll(async () => {
  await host.stop();
  await rm(folder, { recursive: true, force: true });
});

async function build(app: string, source: string): Promise<void> {
  const config = join(folder, `${app}.config`);
  await writeFile(config, 'CONFIG_TARGET_XEN_X86_64=y\nCONFIG_LIBPANIC_SYMBOLS=y\n');
  const args = ['-s', '-C', join(POOLS, source), `O=${join(folder, app)}`, `UC_CONFIG=${config}`];
  execFileSync('make', args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: 300_000 });
}

let guests = 0;

/** Starts a guest from the file that make wrote for xl; it stays when it has ended. The name of the domain. */
async function create(
  app: string,
  kind: 'pvh' | 'pv',
  extra: string,
  memory: string,
): Promise<string> {
  guests += 1;
  const name = `platform-${String(guests)}`;
  const file = `${app}_xen-x86_64${kind === 'pv' ? '-pv' : ''}.xl`;
  const settings = `'name="${name}"' 'extra="${extra}"' ${memory} 'on_poweroff="preserve"' 'on_crash="preserve"'`;
  const created = await host.run(`cd /root && xl create -q -e ${file} ${settings}`);
  expect(created).toMatchObject({ exitCode: 0 });
  return name;
}

/** Waits until the domain has ended. How, and what it said; then it is gone. */
async function ended(name: string): Promise<{ crashed: boolean; exit: string; console: string }> {
  const state = await vi.waitFor(
    async () => {
      const { stdout } = await host.run(`xl list ${name} | tail -n1 | tr -s ' ' | cut -d' ' -f5`);
      expect(stdout.charAt(3)).toBe('s');
      return stdout;
    },
    { timeout: 120_000, interval: 300 },
  );
  const exit = await key(name, 'data/unicore-exit');
  const { stdout } = await host.run(`cat /var/log/xen/console/guest-${name}.log`);
  await host.run(`xl destroy ${name}`);
  return { crashed: state.charAt(4) === 'c', exit, console: stdout.replaceAll('\r', '') };
}

async function key(name: string, path: string): Promise<string> {
  const read = `xenstore-read /local/domain/$(xl domid ${name})/${path} 2>/dev/null`;
  return (await host.run(read)).stdout.trim();
}

describe.each(['pvh', 'pv'] as const)('the Xen platform in a guest of kind %s', (kind) => {
  test('what make wrote for xl boots the image in the least memory', async () => {
    const name = await create('helloworld', kind, '', '');
    const end = await ended(name);
    expect(end.console).toMatch(/^uc: ready \d+\nHello, world!\nuc: exit 0\n$/);
    expect(end).toMatchObject({ crashed: false, exit: '0' });
  });

  test.each([
    ['null', /^uc: panic: invalid memory access: read at 0x0$/m, 'crash_null'],
    ['invalid', /^uc: panic: invalid instruction/m, 'crash_invalid'],
    ['divide', /^uc: panic: divide error/m, 'crash_divide'],
  ])('the trap %s is a crash that shows registers and place', async (way, reason, place) => {
    const end = await ended(await create('crash', kind, way, ''));
    expect(end.console).toMatch(reason);
    expect(end.console).toMatch(/^uc: panic: rip 0x[0-9a-f]{16} rsp 0x[0-9a-f]{16}/m);
    expect(end.console).toMatch(new RegExp(`^uc: panic: #0 0x[0-9a-f]{16} ${place}\\+0x`, 'm'));
    expect(end.crashed).toBe(true);
  });

  test('a stack that overflows is a crash', async () => {
    const end = await ended(await create('crash', kind, 'stack', ''));
    expect(end.crashed).toBe(true);
    // A PV guest is ended by Xen, which has no stack to put the exception on.
    if (kind === 'pvh') expect(end.console).toMatch(/^uc: panic: stack overflow at 0x/m);
  });

  test('event channels, grants and xenstore do what their headers say', async () => {
    const end = await ended(await create('test-xen', kind, '', 'memory=8'));
    expect(end.console).not.toMatch(/^not ok/m);
    expect(end.console).toMatch(/^# \d{2} tests, 0 failed$/m);
    expect(end).toMatchObject({ crashed: false, exit: '0' });
  });

  test('parked, it goes on to main when it is claimed', async () => {
    const name = await create('helloworld', kind, 'uc.park', '');
    await vi.waitFor(async () => expect(await key(name, 'data/unicore-parked')).toBe('1'), {
      timeout: 60_000,
      interval: 300,
    });
    expect(await key(name, 'data/unicore-ready')).toBe('');
    const domid = Number((await host.run(`xl domid ${name}`)).stdout);
    const id = (await key(name, 'vm')).slice('/vm/'.length);
    const { key: identity, knownHosts } = host.image;
    const options = ['-i', identity, '-p', String(host.sshPort), '-o', 'HostKeyAlias=xenhost'];
    options.push('-o', `UserKnownHostsFile=${knownHosts}`, '-o', 'StrictHostKeyChecking=yes');
    const controlPath = join(folder, 'claims');
    const dom0 = new SshDom0({ destination: 'root@127.0.0.1', options, controlPath });
    const xenstore = await connectXenstore(dom0);
    await claimGuest(xenstore, { domid, id }, Buffer.from('-- a\0'));
    expect((await ended(name)).console).toMatch(
      /^uc: parked\nuc: ready \d+\nHello, world!\nuc: exit 0\n$/,
    );
    xenstore.close();
    await dom0.close();
  });

  test('two guests share a page, and one gets it back', async () => {
    const user = await create('test-xen', kind, 'use', 'memory=8');
    const domain = (await host.run(`xl domid ${user}`)).stdout.trim();
    const owner = await create('test-xen', kind, `offer ${domain}`, 'memory=8');
    const offer = await vi.waitFor(
      async () => {
        const text = await key(owner, 'data/offer');
        expect(text).toMatch(/^\d+ \d+ \d+$/);
        return text;
      },
      { timeout: 60_000, interval: 300 },
    );
    await host.run(`xenstore-write /local/domain/${domain}/data/use '${offer}'`);
    const number = offer.split(' ')[0] ?? '';
    expect((await ended(user)).console).toContain(`the page says: from ${number}\n`);
    expect(await ended(owner)).toMatchObject({ crashed: false, exit: '0' });
  });
});

test('the file for xl names the image without a folder', async () => {
  const file = join(folder, 'helloworld', 'helloworld_xen-x86_64.xl');
  const text = await readFile(file, 'utf8');
  expect(text).toContain('kernel = "helloworld_xen-x86_64"\n');
  expect(text).toContain('memory = 2\n');
  expect(text).toContain('vcpus = 1\n');
});
