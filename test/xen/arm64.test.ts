// SPDX-License-Identifier: BSD-3-Clause
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build, choose, copyPools, makeWorkspace, POOLS, type Workspace } from '../pools/build.js';
import type { Guest } from '../pools/guest.js';
import { askForDomains, startXenArm64 } from '../xenhost/arm64.js';

/** Xen for arm64 under QEMU's emulation, which makes the guest itself: no dom0, no xenstore, no console ring. */

const SHUT_DOWN = /VCPU0: .*\n.*pause_count=1 /;

let workspace: Workspace;
beforeAll(async () => {
  workspace = await makeWorkspace();
});
afterAll(() => workspace[Symbol.asyncDispose]());

async function imageOf(
  app: string,
  config: readonly string[] = [],
  pools = POOLS,
): Promise<string> {
  const out = join(workspace.path, app.replaceAll('/', '-'));
  await build({ app: join(pools, app), out, config: [choose('xen-arm64'), ...config] });
  const name = app === 'plat/xen/test' ? 'test-xen' : app.slice('app/'.length);
  return join(out, `${name}_xen-arm64`);
}

async function start(
  image: string,
  options: { memoryKibibytes?: number; commandLine?: string; enhanced?: boolean } = {},
): Promise<Guest> {
  return startXenArm64(workspace.path, { image, memoryKibibytes: 8192, ...options });
}

/** What the guest said, when Xen says that it has shut down. */
async function end(xen: Guest): Promise<string> {
  await xen.says(/^\(d1\) uc: exit \d+$/m);
  askForDomains(xen);
  await xen.says(SHUT_DOWN);
  // Xen may be in the midst of a line of its own.
  return xen.console.replaceAll(/^(?!\(d1\)).*(?:\n|$)/gm, '').replaceAll(/^\(d1\) /gm, '');
}

describe('Xen on arm64', () => {
  it('boots helloworld in the memory that its file for xl names, and it shuts down', async () => {
    const image = await imageOf('app/helloworld');
    const memory = /^memory = (\d+)$/m.exec(await readFile(`${image}.xl`, 'utf8'))?.[1];
    await using xen = await start(image, { memoryKibibytes: Number(memory) * 1024 });
    expect(await end(xen)).toMatch(/^uc: ready \d+\nHello, world!\nuc: exit 0\n$/);
  });

  it('gets its arguments, and tells the exit code', async () => {
    await using xen = await start(await imageOf('app/exitcode'), { commandLine: '7' });
    expect(await end(xen)).toContain('uc: exit 7\n');
  });

  it('shows a fault with registers and backtrace', async () => {
    const image = await imageOf('app/crash', ['CONFIG_LIBPANIC_SYMBOLS=y']);
    await using xen = await start(image, { commandLine: 'null' });
    const said = await end(xen);
    expect(said).toMatch(/^uc: panic: invalid memory access: read at 0x0$/m);
    expect(said).toMatch(/^uc: panic: pc 0x[0-9a-f]{16} sp 0x[0-9a-f]{16}/m);
    expect(said).toMatch(/^uc: panic: #0 0x[0-9a-f]{16} crash_null\+0x/m);
    expect(said).toContain('uc: exit 134\n');
  });

  it('sees a stack that overflows', async () => {
    await using xen = await start(await imageOf('app/crash'), { commandLine: 'stack' });
    expect(await end(xen)).toMatch(/^uc: panic: stack overflow at 0x/m);
  });

  it('sleeps without processor time, and wakes at its deadlines', async () => {
    const image = await imageOf('app/daemonhello');
    await using xen = await start(image, { commandLine: '--tick' });
    // It counts seconds itself, however busy the machine: 100 ticks of CPU time in each if it looped.
    await xen.says('tick 1\n');
    const before = xen.cpuTicks();
    await xen.says('tick 4\n');
    expect(xen.cpuTicks() - before).toBeLessThan(0.4 * 300);
  });

  it('has event channels and grants that do what their headers say', async () => {
    const image = await imageOf('plat/xen/test', ['CONFIG_APPTEST_XEN_STORE=n']);
    await using xen = await start(image, { commandLine: 'alone 1', enhanced: true });
    const said = await end(xen);
    expect(said).not.toMatch(/^not ok/m);
    expect(said).toMatch(/^# 9 tests, 0 failed$/m);
  });

  it('says so if memory begins where the image was not linked for', async () => {
    const pools = join(workspace.path, 'pools');
    const script = join(pools, 'plat/xen/image_arm64.lds');
    await copyPools(pools);
    const text = await readFile(script, 'utf8');
    await writeFile(script, text.replace('. = 0x40000000;', '. = 0x40200000;'));
    await using xen = await start(await imageOf('app/helloworld', [], pools));
    await xen.says('(d1) uc: panic: memory does not begin at 0x40000000\n');
    askForDomains(xen);
    await xen.says(SHUT_DOWN);
  });
});
