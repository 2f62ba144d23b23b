// SPDX-License-Identifier: BSD-3-Clause
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appFolder, build, makeWorkspace, type Workspace } from './build.js';
import { startProcess, startQemu, type Guest } from './guest.js';

let workspace: Workspace;
const image = (target: string): string => join(workspace.path, 'out', `daemonhello_${target}`);

beforeAll(async () => {
  workspace = await makeWorkspace();
  await build({ app: appFolder('daemonhello'), out: join(workspace.path, 'out') });
});
afterAll(() => workspace[Symbol.asyncDispose]());

/** The seconds of a tick of `Guest.cpuTicks`: 1/100 on every Linux. */
const TICKS_PER_SECOND = 100;

/**
 * How much a count grows while the guest counts seconds itself: the window is as long as it says, however busy the machine.
 * Of CPU time, a guest that loops instead of halting would use about all of it.
 */
async function growthDuring(
  guest: Guest,
  count: () => number,
  from: number,
  to: number,
): Promise<number> {
  await guest.says(`tick ${from}\n`);
  const before = count();
  await guest.says(`tick ${to}\n`);
  return count() - before;
}

describe('idle', () => {
  it('a process that waits uses no CPU time', async () => {
    await using guest = startProcess(image('linuxu-x86_64'), ['--tick']);
    expect(await growthDuring(guest, () => guest.cpuTicks(), 1, 4)).toBeLessThan(
      0.1 * 3 * TICKS_PER_SECOND,
    );
  });

  it.each([
    ['microvm', {}],
    ['microvm,pit=off,pic=off,rtc=off', {}],
    ['pc', {}],
    ['q35', {}],
    ['pc', { cpu: 'qemu64,-apic' }],
  ])('a guest on %s %o that waits halts its vCPU', async (machine, options) => {
    await using guest = startQemu(image('kvm-x86_64'), { machine, ...options }, '--tick');
    expect(await growthDuring(guest, () => guest.cpuTicks(), 1, 4)).toBeLessThan(
      0.4 * 3 * TICKS_PER_SECOND,
    );
  });

  // The timer of a PC ticks 18.2 times a second until it is silenced, and each tick wakes two threads of QEMU.
  it.each(['microvm', 'pc', 'q35'])(
    'a guest on %s is woken by nothing but its own timer',
    async (machine) => {
      await using guest = startQemu(image('kvm-x86_64'), { machine }, '--tick');
      expect(await growthDuring(guest, () => guest.wakeups(), 1, 5)).toBeLessThan(4 * 18);
    },
  );
});

it.each(['pc', 'q35'])('the power button of a %s is a request to stop', async (machine) => {
  const socket = join(workspace.path, `${machine}.monitor`);
  await using guest = startQemu(image('kvm-x86_64'), {
    machine,
    args: ['-monitor', `unix:${socket},server,nowait`],
  });
  await guest.says('I am here to stay');
  const monitor = createConnection(socket);
  try {
    // It may be pressed before the guest has come to its first idle, and is then not watched yet.
    const press = setInterval(() => monitor.write('system_powerdown\n'), 50);
    const end = await guest.ends().finally(() => clearInterval(press));
    expect(end.console).toContain('Goodbye.\nuc: exit 0\n');
  } finally {
    monitor.destroy();
  }
});
