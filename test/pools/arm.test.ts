// SPDX-License-Identifier: BSD-3-Clause
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appFolder, build, makeWorkspace, type Workspace } from './build.js';
import { exitCodeOf, Guest, MACHINES, start, startQemu, type Machine } from './guest.js';

const VIRTUAL = ['kvm-arm', 'kvm-arm64'] as const;

let workspace: Workspace;
const image = (app: string, target: string): string =>
  join(workspace.path, app, `${app}_${target}`);

beforeAll(async () => {
  workspace = await makeWorkspace();
  for (const app of ['helloworld', 'exitcode', 'daemonhello']) {
    await build({
      app: appFolder(app),
      out: join(workspace.path, app),
      args: ['TARGETS=kvm-arm kvm-arm64 linuxu-arm linuxu-arm64'],
      environment: { UC_CACHE: join(workspace.path, 'cache') },
    });
  }
});
afterAll(() => workspace[Symbol.asyncDispose]());

describe('the machine virt', () => {
  const machines: [string, (typeof VIRTUAL)[number], Partial<Machine>][] = [
    ['the least memory', 'kvm-arm64', { memory: '2304K' }],
    ['a GICv3', 'kvm-arm64', { machine: 'virt,gic-version=3' }],
    ['a CPU with all that there is', 'kvm-arm64', { cpu: 'max' }],
    ['an entry in level 2', 'kvm-arm64', { machine: 'virt,virtualization=on,gic-version=3' }],
    ['memory above 4 GiB', 'kvm-arm64', { memory: '6G' }],
    ['the least memory', 'kvm-arm', { memory: '2304K' }],
    ['a GICv3', 'kvm-arm', { machine: 'virt,gic-version=3', cpu: 'cortex-a7' }],
    ['an entry in hypervisor mode', 'kvm-arm', { machine: 'virt,virtualization=on' }],
    ['3 GiB of memory', 'kvm-arm', { machine: 'virt,highmem=off', memory: '3G' }],
  ];

  it.each(machines)('with %s boots %s', async (_name, target, options) => {
    const machine = { ...MACHINES[target], ...options };
    await using guest = startQemu(image('helloworld', target), machine);
    const end = await guest.ends();
    expect(end.console).toMatch(/^uc: ready \d+\nHello, world!\nuc: exit 0\n$/);
    expect(end.exitCode).toBe(0);
  });

  it.each(VIRTUAL)('%s: a command line that is too long is a panic', async (target) => {
    await using guest = start(target, image('exitcode', target), ['x'.repeat(2000)]);
    const end = await guest.ends();
    expect(end.console).toContain('uc: panic: the command line has more than 1023 bytes');
    expect(exitCodeOf(target, end)).toBe(134);
  });

  it.each(VIRTUAL)('%s: a guest that waits halts its vCPU', async (target) => {
    await using guest = start(target, image('daemonhello', target), ['--tick']);
    // It counts seconds itself, however busy the machine: 100 ticks of CPU time in each if it looped.
    await guest.says('tick 1\n');
    const before = guest.cpuTicks();
    await guest.says('tick 4\n');
    expect(guest.cpuTicks() - before).toBeLessThan(0.4 * 300);
  });

  it.each(VIRTUAL)('%s: a parked guest runs with the line that claims it', async (target) => {
    await using guest = start(target, image('exitcode', target), ['uc.park']);
    await guest.says('uc: parked\n');
    guest.write('7\0');
    expect(exitCodeOf(target, await guest.ends())).toBe(7);
  });

  it.each(VIRTUAL)('%s: the power button is a request to stop', async (target) => {
    const socket = join(workspace.path, `${target}.monitor`);
    await using guest = startQemu(image('daemonhello', target), {
      ...MACHINES[target],
      args: ['-monitor', `unix:${socket},server,nowait`],
    });
    await guest.says('I am here to stay');
    const monitor = createConnection(socket);
    // It goes away with QEMU, perhaps while the button is pressed once more.
    monitor.on('error', () => undefined);
    try {
      // It may be pressed before the guest has come to its first idle, and is then not watched yet.
      const press = setInterval(() => monitor.write('system_powerdown\n'), 200);
      const end = await guest.ends().finally(() => clearInterval(press));
      expect(end.console).toContain('Goodbye.\nuc: exit 0\n');
    } finally {
      monitor.destroy();
    }
  });
});

describe("QEMU's user mode, which has no seccomp", () => {
  it.each([
    ['qemu-arm', 'linuxu-arm'],
    ['qemu-aarch64', 'linuxu-arm64'],
  ])('%s runs no unikernel that is not told to do without', async (emulator, target) => {
    const program = image('helloworld', target);
    await using guest = new Guest(emulator, [program], { PATH: process.env.PATH ?? '' });
    const end = await guest.ends();
    expect(end.console).toContain('uc: panic: the kernel has no seccomp');
    expect(end.console).not.toContain('Hello');
    expect(end.signal).toBe('SIGABRT');
  });

  it.each(['linuxu-arm', 'linuxu-arm64'])('%s takes SIGTERM while it idles', async (target) => {
    await using guest = start(target, image('daemonhello', target), ['--tick']);
    await guest.says('tick 1\n');
    guest.signal('SIGTERM');
    const end = await guest.ends();
    expect(end.console).toContain('Goodbye.\n');
    expect(end.exitCode).toBe(0);
  });
});
