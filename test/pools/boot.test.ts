// SPDX-License-Identifier: BSD-3-Clause
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { appFolder, build, choose, makeWorkspace, TARGETS, type Workspace } from './build.js';
import { exitCodeOf, run, startQemu, type Machine } from './guest.js';

let workspace: Workspace;
const image = (app: string, target: string): string =>
  join(workspace.path, app, `${app}_${target}`);

beforeAll(async () => {
  workspace = await makeWorkspace();
  for (const app of ['helloworld', 'exitcode', 'bench-boot']) {
    await build({
      app: appFolder(app),
      out: join(workspace.path, app),
      args: [`TARGETS=${TARGETS.join(' ')}`],
      environment: { UC_CACHE: join(workspace.path, 'cache') },
    });
  }
});
afterAll(() => workspace[Symbol.asyncDispose]());

/** Connects to where QEMU listens, as soon as it does, and reads nothing yet. */
function connectTo(path: string): Promise<Socket> {
  const attempt = async (): Promise<Socket> => {
    const socket = connect(path).pause();
    await once(socket, 'connect');
    return socket;
  };
  return vi.waitFor(attempt, { timeout: 60_000, interval: 5 });
}

describe.each(TARGETS)('on %s', (target) => {
  it('helloworld greets and ends with 0', async () => {
    const end = await run(target, image('helloworld', target));
    expect(end.console).toContain('Hello, world!\n');
    expect(exitCodeOf(target, end)).toBe(0);
  });

  it('helloworld takes at most 24 KiB', async () => {
    expect((await stat(image('helloworld', target))).size).toBeLessThanOrEqual(24 * 1024);
  });

  it.each([0, 1, 42, 134, 255])('the exit code %i comes out', async (code) => {
    const end = await run(target, image('exitcode', target), [String(code)]);
    expect(exitCodeOf(target, end)).toBe(code);
  });

  it('options of the unikernel are not arguments', async () => {
    const end = await run(target, image('exitcode', target), ['uc.some=thing', '--', '9']);
    expect(exitCodeOf(target, end)).toBe(9);
  });

  it('bench-boot tells the phases of the boot in order', async () => {
    const end = await run(target, image('bench-boot', target));
    const times = ['platform', 'constructors', 'main'].map((phase) =>
      Number(new RegExp(`^${phase} (\\d+)$`, 'm').exec(end.console)?.[1]),
    );
    expect(times.every((time) => time > 0)).toBe(true);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });
});

describe('on the machines of QEMU', () => {
  const machines: (Machine & { readonly name: string })[] = [
    { name: 'microvm', machine: 'microvm' },
    { name: 'microvm without ACPI', machine: 'microvm,acpi=off' },
    { name: 'microvm without timer, clock and PIC', machine: 'microvm,pit=off,pic=off,rtc=off' },
    { name: 'pc', machine: 'pc' },
    { name: 'pc with qboot', machine: 'pc', bios: 'qboot.rom' },
    { name: 'q35', machine: 'q35' },
    { name: 'q35 with qboot', machine: 'q35', bios: 'qboot.rom' },
    { name: 'isapc', machine: 'isapc', cpu: 'qemu64' },
    { name: 'a CPU with all that there is', machine: 'microvm', cpu: 'max' },
    { name: 'an unknown hypervisor', machine: 'pc', cpu: 'qemu64,tcg-cpuid=off' },
    { name: 'no local APIC', machine: 'pc', cpu: 'qemu64,-apic' },
    { name: 'more than 4 GiB of memory', machine: 'q35', memory: '6G' },
    { name: 'the least memory', machine: 'microvm', memory: '1280K' },
    { name: 'the least memory of a pc', machine: 'pc', memory: '1280K' },
    { name: 'the least memory of a q35', machine: 'q35', memory: '1280K' },
  ];

  it.each(machines)('$name', async (machine) => {
    await using guest = startQemu(image('helloworld', 'kvm-x86_64'), machine);
    const end = await guest.ends();
    // Readiness, then main, then the exit code, each a line of its own, and nothing else.
    expect(end.console).toMatch(/^uc: ready \d+\nHello, world!\nuc: exit 0\n$/);
    expect(end.exitCode).toBe(0);
  });

  it.each([
    ['its default port', 'isa-debug-exit'],
    ['the port of test suites', 'isa-debug-exit,iobase=0xf4,iosize=4'],
  ])('isa-debug-exit at %s passes the exit code on', async (_name, device) => {
    await using guest = startQemu(
      image('exitcode', 'kvm-x86_64'),
      { machine: 'pc', args: ['-device', device] },
      '42',
    );
    const end = await guest.ends();
    expect(end.exitCode).toBe(42 * 2 + 1);
    expect(end.console).toContain('uc: exit 42\n');
  });

  it('boots without a serial port', async () => {
    await using guest = startQemu(
      image('exitcode', 'kvm-x86_64'),
      { machine: 'microvm,isa-serial=off', args: ['-device', 'isa-debug-exit'] },
      '3',
    );
    expect((await guest.ends()).exitCode).toBe(7);
  });

  it('loses nothing to a reader who is away for a while', async () => {
    const app = 'helloworld';
    // More single bytes than a socket takes in: their buffers count, not they.
    const greeting = 'x'.repeat(700);
    const out = join(workspace.path, 'away');
    const config = [choose('kvm-x86_64'), `CONFIG_APPHELLOWORLD_GREETING="${greeting}"`];
    await build({ app: appFolder(app), out, config });
    const path = join(workspace.path, 'serial');
    await using guest = startQemu(join(out, `${app}_kvm-x86_64`), {
      machine: 'microvm',
      serial: `unix:${path},server=on,wait=on`,
    });
    const socket = await connectTo(path);
    // Half a second of its time, nearly all of which it waits for the port.
    await vi.waitFor(() => expect(guest.cpuTicks()).toBeGreaterThan(50), { timeout: 60_000 });
    const chunks = await socket.setEncoding('latin1').toArray();
    expect(chunks.join('')).toContain(`${greeting}\r\nuc: exit 0\r\n`);
    expect((await guest.ends()).exitCode).toBe(0);
  });

  it('a command line that is too long is a panic that says so', async () => {
    await using guest = startQemu(
      image('exitcode', 'kvm-x86_64'),
      { machine: 'microvm' },
      'x'.repeat(2000),
    );
    const end = await guest.ends();
    expect(end.console).toContain('uc: panic: the command line has more than 1023 bytes');
    expect(exitCodeOf('kvm-x86_64', end)).toBe(134);
  });
});
