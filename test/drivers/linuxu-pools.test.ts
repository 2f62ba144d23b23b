// SPDX-License-Identifier: BSD-3-Clause
import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DriverSession } from './contract/session.js';
import { storedImage } from './linuxu/guests.js';
import { LauncherBed } from './linuxu/launcher.js';

const APPLICATIONS = fileURLToPath(new URL('../../pools/app', import.meta.url));

describe('unikernels from the pools, under the launcher', () => {
  let bed: LauncherBed;
  let session: DriverSession;

  beforeAll(async () => {
    bed = new LauncherBed('plain');
    session = await DriverSession.open({
      connect: () => bed.connect(),
      memoryBytes: 4 << 20,
      patienceMilliseconds: 30_000,
    });
  });
  afterAll(async () => {
    await session.end();
    expect(bed.instances()).toEqual([]);
    await bed.close();
  });

  const build = (app: string) => {
    const output = join(bed.directory, app);
    execFileSync('make', ['-s', '-C', join(APPLICATIONS, app), `O=${output}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: 120_000,
    });
    const path = join(output, `${app}_linuxu-x86_64`);
    chmodSync(path, 0o555);
    return storedImage(path, true);
  };

  test('helloworld greets, is ready, and exits with 0', async () => {
    const id = await session.start({ image: build('helloworld'), args: [] });
    expect(await session.untilEnded(id)).toMatchObject({ reason: 'exited', exitCode: 0 });
    expect(session.typesOf(id)).toEqual(['started', 'ready', 'ended']);
    const told = session.eventsOf(id).find((event) => event.type === 'ready');
    expect(told?.bootNanoseconds).toBeGreaterThan(0);
    expect((await session.output(id)).trim()).not.toBe('');
  });

  test('exitcode exits with what it is told', async () => {
    const id = await session.start({ image: build('exitcode'), args: ['7'] });
    expect(await session.untilEnded(id)).toMatchObject({ reason: 'exited', exitCode: 7 });
  });

  test.each(['null', 'panic', 'syscall'])('crash by %s is a crash', async (way) => {
    const id = await session.start({ image: build('crash'), args: [way] });
    expect((await session.untilEnded(id)).reason).toBe('crashed');
  });

  test('daemonhello pauses, resumes, and ends when it is asked to', async () => {
    const image = build('daemonhello');
    const id = await session.start({ image, args: [] });
    await session.untilEvent(id, 'ready');
    await session.driver.pause(id);
    await session.driver.resume(id);
    await session.driver.shutdown(id);
    expect(await session.untilEnded(id)).toMatchObject({ reason: 'exited', exitCode: 0 });
    expect(session.typesOf(id)).toEqual(['started', 'ready', 'paused', 'resumed', 'ended']);
  });

  test('daemonhello survives the launcher', async () => {
    const id = await session.start({ image: build('daemonhello'), args: ['--tick'] });
    await session.untilEvent(id, 'ready');
    process.kill(bed.launcherPid()!, 'SIGKILL');
    await session.until(() => session.events.some(({ type }) => type === 'host-up'), 'host-up');
    expect(await session.observe(id)).toMatchObject({ state: 'running', owned: true });
    expect(await session.output(id, (text) => text.includes('tick'))).toContain('tick');
  });

  test('is started where it stands, and waits before main', async () => {
    const id = await session.start({ image: build('helloworld'), args: [] }, { paused: true });
    expect(await session.observe(id)).toMatchObject({ state: 'paused', ready: null });
    await session.driver.resume(id);
    expect((await session.untilEnded(id)).exitCode).toBe(0);
  });
});
