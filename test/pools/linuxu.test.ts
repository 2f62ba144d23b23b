// SPDX-License-Identifier: BSD-3-Clause
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appFolder, build, makeWorkspace, type Workspace } from './build.js';
import { startProcess } from './guest.js';

let workspace: Workspace;
const image = (app: string): string => join(workspace.path, app, `${app}_linuxu-x86_64`);

beforeAll(async () => {
  workspace = await makeWorkspace();
  for (const app of ['helloworld', 'daemonhello', 'crash']) {
    await build({
      app: appFolder(app),
      out: join(workspace.path, app),
      args: ['TARGETS=linuxu-x86_64'],
    });
  }
});
afterAll(() => workspace[Symbol.asyncDispose]());

describe('readiness', () => {
  it('is told with the time since entry on the descriptor of UC_READY_FD, which is then closed', async () => {
    await using guest = startProcess(image('daemonhello'), [], { UC_READY_FD: '3' });
    // The stream ends while the process lives: the descriptor is closed.
    const { told, nanoseconds } = await guest.readiness();
    expect(told).toBe('R');
    expect(nanoseconds).toBeGreaterThan(0n);
    expect(guest.cpuTicks()).toBeGreaterThanOrEqual(0);
    guest.signal('SIGTERM');
    expect((await guest.ends()).exitCode).toBe(0);
  });

  it.each(['', 'x', '-1', '99999999999', '77'])(
    'UC_READY_FD=%j does not keep it from running',
    async (fd) => {
      await using guest = startProcess(image('helloworld'), [], { UC_READY_FD: fd });
      expect(await guest.ends()).toMatchObject({ exitCode: 0, console: 'Hello, world!\n' });
    },
  );
});

describe('confinement', () => {
  it('a system call that is not allowed kills the process', async () => {
    await using guest = startProcess(image('crash'), ['syscall']);
    const end = await guest.ends();
    expect(end.signal).toBe('SIGSYS');
    expect(end.console).toBe('');
  });

  it('is what forbids it: without, the same call returns', async () => {
    const out = join(workspace.path, 'open');
    await build({
      app: appFolder('crash'),
      out,
      config: ['CONFIG_TARGET_LINUXU_X86_64=y', '# CONFIG_LINUXU_SECCOMP is not set'],
    });
    await using guest = startProcess(join(out, 'crash_linuxu-x86_64'), ['syscall']);
    expect((await guest.ends()).console).toMatch(/^the system call returned \d+$/m);
  });

  it('is in force when main runs, with no new privileges', async () => {
    await using guest = startProcess(image('daemonhello'), [], { UC_READY_FD: '3' });
    await guest.readiness();
    const status = await readFile(`/proc/${guest.pid}/status`, 'utf8');
    expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
    expect(status).toMatch(/^Seccomp:\s+2$/m);
  });
});

describe('stop', () => {
  it('SIGTERM ends an application that handles it in its own way', async () => {
    await using guest = startProcess(image('daemonhello'));
    await guest.says('I am here to stay');
    guest.signal('SIGTERM');
    const end = await guest.ends();
    expect(end).toMatchObject({ exitCode: 0, signal: null });
    expect(end.console).toContain('Goodbye.\n');
  });

  it('SIGTERM before main is not lost', async () => {
    await using guest = startProcess(image('daemonhello'));
    guest.signal('SIGTERM');
    const end = await guest.ends();
    // Before the first instruction has blocked it, the signal still ends the process in the old way.
    expect(end.signal === 'SIGTERM' || end.exitCode === 0).toBe(true);
  });
});

it('writes to a pipe that nobody reads are lost, and nothing else', async () => {
  await using guest = startProcess('/bin/sh', ['-c', `"$0" | true; exit 5`, image('helloworld')]);
  expect((await guest.ends()).exitCode).toBe(5);
});
