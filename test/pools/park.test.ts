// SPDX-License-Identifier: BSD-3-Clause
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appFolder, build, makeWorkspace, type Workspace } from './build.js';
import { exitCodeOf, startProcess, startQemu, type Guest } from './guest.js';

let workspace: Workspace;
const image = (target: string): string => join(workspace.path, `exitcode_${target}`);

beforeAll(async () => {
  workspace = await makeWorkspace();
  const args = ['TARGETS=kvm-x86_64 linuxu-x86_64'];
  await build({ app: appFolder('exitcode'), out: workspace.path, args });
});
afterAll(() => workspace[Symbol.asyncDispose]());

const PARK = 'uc.park';

/** What claims it: the application gets a number, which is its exit code. */
const claim = (line: string): Buffer => Buffer.from(`${line}\0`);

async function endCode(target: string, guest: Guest): Promise<number | null> {
  return exitCodeOf(target, await guest.ends());
}

describe('a parked process', () => {
  const start = (): Guest => startProcess(image('linuxu-x86_64'), [PARK], { UC_READY_FD: '3' });

  it('tells so, and runs with the arguments of its claim', async () => {
    await using guest = start();
    guest.write(claim('uc.name=web-1 -- 7'));
    // Its time would be that of the wait.
    expect(await guest.readiness()).toEqual({ told: 'PR', nanoseconds: 0n });
    expect((await guest.ends()).exitCode).toBe(7);
  });

  it('takes a claim that comes in pieces', async () => {
    await using guest = start();
    guest.write(Buffer.from('-- '));
    guest.write(Buffer.from('12'));
    guest.write(claim(''));
    expect((await guest.ends()).exitCode).toBe(12);
  });

  it('ends when it is asked to', async () => {
    await using guest = start();
    await once(guest.reports, 'data');
    guest.signal('SIGTERM');
    expect((await guest.ends()).exitCode).toBe(143);
  });

  it.each(['--'.padEnd(2_000, 'x'), ''])('panics if there is no whole line: %j', async (text) => {
    await using guest = start();
    guest.write(text);
    guest.endInput();
    const end = await guest.ends();
    expect(end.signal).toBe('SIGABRT');
    expect(end.console).toContain('uc: panic: cannot read what to do after parking');
  });
});

describe('a parked virtual machine', () => {
  it('is claimed on the console where there is no other port', async () => {
    await using guest = startQemu(image('kvm-x86_64'), { machine: 'pc' }, PARK);
    await guest.says('uc: parked\n');
    expect(guest.console).not.toContain('uc: ready');
    guest.write(claim('-- 9'));
    expect(await endCode('kvm-x86_64', guest)).toBe(9);
    expect(guest.console).toMatch(/^uc: parked\nuc: ready \d+\nuc: exit 9\n$/m);
  });

  it('is claimed on the second serial port, and answers there', async () => {
    const socket = join(workspace.path, 'claims');
    const args = ['-serial', `unix:${socket},server=on,wait=off`];
    await using guest = startQemu(image('kvm-x86_64'), { machine: 'pc', args }, PARK);
    await guest.says('uc: parked\n');
    const claims = connect(socket);
    let answer = '';
    claims.on('data', (bytes: Buffer) => (answer += bytes.toString('latin1')));
    claims.write(claim("-- '11'"));
    expect(await endCode('kvm-x86_64', guest)).toBe(11);
    expect(answer).toBe('uc: ready\n');
    claims.destroy();
  });
});
