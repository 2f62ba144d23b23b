// SPDX-License-Identifier: BSD-3-Clause
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { StoredImage } from '../../src/build/image.js';
import { LinuxuDriver } from '../../src/orchestrator/drivers/linuxu/linuxu-driver.js';
import { DriverSession } from './contract/session.js';
import { compileGuest, storedImage, type GuestName } from './linuxu/guests.js';
import { LauncherBed } from './linuxu/launcher.js';

const MEBIBYTE = 1 << 20;

describe('linuxu under faults', () => {
  let bed: LauncherBed;
  let session: DriverSession;
  const images = new Map<GuestName, StoredImage>();

  const guest = (name: GuestName) => {
    const image = images.get(name) ?? compileGuest(bed.directory, name);
    images.set(name, image);
    return { image, args: [] };
  };
  const harness = () => ({
    connect: () => bed.connect(),
    memoryBytes: 4 * MEBIBYTE,
    patienceMilliseconds: 30_000,
  });

  beforeAll(() => {
    bed = new LauncherBed('plain');
  });
  afterAll(async () => {
    await bed.close();
  });
  beforeEach(async () => {
    session = await DriverSession.open(harness());
  });
  afterEach(async () => {
    await session.end();
    expect(bed.instances()).toEqual([]);
  });

  const pidOf = (id: string) => bed.instances().find(({ instance }) => instance === id)!.pid;
  const untilHost = async (type: 'host-down' | 'host-up') => {
    await session.until(() => session.events.some((event) => event.type === type), type);
  };
  const killLauncher = async () => {
    process.kill(bed.launcherPid()!, 'SIGKILL');
    await untilHost('host-down');
    await untilHost('host-up');
  };

  describe('when the launcher is killed', () => {
    test('a new one adopts what runs, and starts nothing twice', async () => {
      const running = await Promise.all(
        Array.from({ length: 5 }, () => session.start(guest('daemon'))),
      );
      const paused = await session.start(guest('daemon'));
      const held = await session.start(guest('hello'), { paused: true });
      for (const id of [...running, paused]) await session.untilEvent(id, 'ready');
      await session.driver.pause(paused);
      const before = bed.instances();
      const names = await session.driver.list();

      await killLauncher();

      expect(bed.instances()).toEqual(before);
      const after = await session.driver.list();
      for (const id of running) {
        const shown = after.find((domain) => domain.id === id);
        expect(shown).toMatchObject({ owned: true, state: 'running', exit: null });
        expect(shown?.ready).not.toBeNull();
        expect(shown?.name).toBe(names.find((domain) => domain.id === id)?.name);
      }
      expect(after.find(({ id }) => id === paused)).toMatchObject({ state: 'paused' });
      expect(after.find(({ id }) => id === held)).toMatchObject({ state: 'paused', ready: null });

      await session.driver.create(
        session.spec(guest('daemon'), { id: running[0]!, name: 'again' }),
      );
      expect(bed.instances()).toEqual(before);

      await session.driver.resume(held);
      await session.untilEvent(held, 'ready');
      expect((await session.untilEnded(held)).reason).toBe('unknown');
      await session.driver.destroy(paused);
      expect((await session.untilEnded(paused)).reason).toBe('destroyed');
    });

    test('the console of what it held goes on in both directions', async () => {
      const id = await session.start(guest('echo'));
      await session.untilEvent(id, 'ready');
      await session.driver.writeConsole(id, Buffer.from('before\n'));
      await session.output(id, (text) => text.includes('before'));
      await killLauncher();
      await session.driver.writeConsole(id, Buffer.from('after\n'));
      expect(await session.output(id, (text) => text.includes('after'))).toBe('after\n');
    });

    test('an adopted instance that wiped its marker is still destroyed', async () => {
      const id = await session.start(guest('forgetful'));
      await session.untilEvent(id, 'ready');
      const pid = pidOf(id);
      await killLauncher();
      await session.driver.writeConsole(id, Buffer.from('x'));
      await session.output(id, (text) => text.includes('forgotten'));
      await session.driver.destroy(id);
      expect(await session.observe(id)).toBeUndefined();
      await session.until(() => !existsSync(`/proc/${pid}`), 'the process being reaped');
    });

    test('what ended while nobody watched is told when it is back', async () => {
      const id = await session.start(guest('daemon'));
      await session.untilEvent(id, 'ready');
      process.kill(bed.launcherPid()!, 'SIGSTOP');
      process.kill(pidOf(id), 'SIGKILL');
      await killLauncher();
      expect((await session.untilEnded(id)).reason).toBe('unknown');
      expect(await session.observe(id)).toBeUndefined();
    });
  });

  describe('bounds', () => {
    test('an instance starts no other process', async () => {
      const id = await session.start(guest('forking'));
      // EAGAIN by the count of its user's processes, or EPERM by the filter, without root.
      expect((await session.untilEnded(id)).exitCode).toBe(process.geteuid?.() === 0 ? 11 : 1);
    });

    test('an instance gets the memory that it was given, and little more', async () => {
      const id = await session.start(guest('hog'), { memoryBytes: 16 * MEBIBYTE });
      const { exitCode } = await session.untilEnded(id);
      expect(exitCode).toBeGreaterThanOrEqual(16);
      expect(exitCode).toBeLessThanOrEqual(20);
    });

    test('a flood of output is bounded, and others are served meanwhile', async () => {
      const floods = await Promise.all(
        Array.from({ length: 4 }, () => session.start(guest('flood'))),
      );
      for (const id of floods) await session.untilEvent(id, 'ready');
      let kept = 0;
      for await (const chunk of session.driver.readConsole(floods[0]!, 0)) {
        if (chunk.offset > 4 * MEBIBYTE) break;
        kept = chunk.data.byteLength;
      }
      expect(kept).toBeLessThanOrEqual(65_536);
      const other = await session.start(guest('hello'));
      expect(await session.output(other)).toContain('Hello');
      const pages = readFileSync(`/proc/${bed.launcherPid()!}/statm`, 'utf8').split(' ')[1];
      expect(Number(pages) * 4096).toBeLessThan(32 * MEBIBYTE);
    });

    test('an instance sees nothing of the launcher, and has no privileges', async () => {
      const id = await session.start(guest('surroundings'));
      const output = await session.output(id);
      expect(output.trim().split('\n').sort()).toEqual(
        [
          '/',
          'UC_MEMORY=4194304',
          'UC_READY_FD=3',
          `UNICORE_INSTANCE=${id}`,
          `UNICORE_OWNER=${bed.settings.owner}`,
        ].sort(),
      );
      expect((await session.untilEnded(id)).exitCode).toBe(0); // 1 if it were root
      const daemon = await session.start(guest('daemon'));
      await session.untilEvent(daemon, 'ready');
      expect(readdirSync(`/proc/${pidOf(daemon)}/fd`)).toEqual(['0', '1', '2']);
    });

    test('no more instances than the launcher may hold', async () => {
      const small = new LauncherBed('plain', { maxInstances: 3 });
      const few = await DriverSession.open({ ...harness(), connect: () => small.connect() });
      for (let i = 0; i < 3; i++) await few.start(guest('daemon'));
      await expect(few.start(guest('daemon'))).rejects.toMatchObject({ code: 'NO_CAPACITY' });
      await few.end();
      await small.close();
    });

    test('1,000 at once, and nothing is left of them', async () => {
      await session.untilEvent(await session.start(guest('daemon')), 'ready');
      const launcher = bed.launcherPid()!;
      const descriptors = readdirSync(`/proc/${launcher}/fd`).length;
      const image = guest('daemon');
      const ids = await Promise.all(Array.from({ length: 1000 }, () => session.start(image)));
      for (const id of ids) await session.untilEvent(id, 'ready');
      expect(await session.driver.stats()).toHaveLength(1001);
      expect(await session.driver.list()).toHaveLength(1001);
      expect(bed.instances()).toHaveLength(1001);
      await Promise.all(ids.map((id) => session.driver.destroy(id)));
      expect(bed.instances()).toHaveLength(1);
      expect(readdirSync(`/proc/${launcher}/fd`)).toHaveLength(descriptors);
      expect(readdirSync(bed.settings.stateDirectory).sort()).toEqual([
        'launcher.lock',
        'launcher.log',
        'launcher.sock',
      ]);
    });
  });

  describe('what cannot be started', () => {
    test.each([
      ['is no program', 'not an executable\n', 0o555, 'DRIVER_FAILED'],
      ['may not be executed', '#!/bin/sh\n', 0o444, 'DRIVER_FAILED'],
    ])('an image that %s', async (_, content, mode, code) => {
      const path = join(bed.directory, randomUUID());
      writeFileSync(path, content);
      chmodSync(path, mode);
      const started = session.start({ image: storedImage(path, false), args: [] });
      await expect(started).rejects.toMatchObject({ code });
      expect((await session.driver.list()).filter(({ owned }) => owned)).toEqual([]);
    });

    test('an image that is not there, a NUL, too many arguments, two CPUs', async () => {
      const { image } = guest('hello');
      const missing = { ...image, path: join(bed.directory, 'missing') };
      await expect(session.start({ image: missing, args: [] })).rejects.toMatchObject({
        code: 'DRIVER_FAILED',
      });
      const unsupported = { code: 'DRIVER_UNSUPPORTED' };
      await expect(session.start({ image, args: ['a\0b'] })).rejects.toMatchObject(unsupported);
      const many = Array.from({ length: 2000 }, () => 'x');
      await expect(session.start({ image, args: many })).rejects.toMatchObject(unsupported);
      const long = ['x'.repeat(200_000)];
      await expect(session.start({ image, args: long })).rejects.toMatchObject(unsupported);
      const two = session.start({ image, args: [] }, { vcpus: 2 });
      await expect(two).rejects.toMatchObject(unsupported);
    });

    test('as many arguments as there may be', async () => {
      const { image } = guest('arguments');
      const args = Array.from({ length: 1000 }, (_, index) => `${index}`.padEnd(120, '.'));
      const id = await session.start({ image, args });
      await session.untilEnded(id);
      const output = await session.output(id);
      expect(
        output.endsWith(
          args
            .slice(-100)
            .map((argument) => `<${argument}>\n`)
            .join(''),
        ),
      ).toBe(true);
    });
  });

  test('a launcher whose directory was removed ends with its last instance', async () => {
    const doomed = new LauncherBed('plain');
    const only = await DriverSession.open({ ...harness(), connect: () => doomed.connect() });
    await only.untilEnded(await only.start(guest('hello')));
    await only.driver.close();
    rmSync(doomed.settings.stateDirectory, { recursive: true });
    await doomed.close();
  });

  test('a second launcher for the same directory ends at once', () => {
    const { launcherPath, stateDirectory, owner } = bed.settings;
    const second = spawnSync(launcherPath, ['--state', stateDirectory, '--owner', owner]);
    expect(second.status).toBe(75);
    expect(String(second.stderr)).toContain('another launcher');
  });

  test('a newer daemon takes over, and the older one is told', async () => {
    const id = await session.start(guest('daemon'));
    const newer = await DriverSession.open(harness());
    await untilHost('host-down');
    expect(session.events.at(-1)).toMatchObject({
      reason: 'another daemon took over the launcher',
    });
    await expect(session.driver.list()).rejects.toMatchObject({ code: 'HOST_UNAVAILABLE' });
    await session.driver.close();
    session = newer;
    await newer.driver.destroy(id);
  });

  test('another owner is not served', async () => {
    const other = new LinuxuDriver({ ...bed.settings, owner: 'another' });
    await expect(other.open()).rejects.toMatchObject({ code: 'HOST_UNAVAILABLE' });
    await other.close();
    expect(await session.driver.list()).toBeDefined();
  });

  test('without its program the host is unavailable', async () => {
    const driver = new LinuxuDriver({
      ...bed.settings,
      launcherPath: join(bed.directory, 'no-such-program'),
      stateDirectory: join(bed.directory, 'other-state'),
    });
    await expect(driver.open()).rejects.toMatchObject({ code: 'HOST_UNAVAILABLE' });
    await driver.close();
  });

  test('a state directory with a path too long for a socket works', async () => {
    const deep = join(bed.directory, 'x'.repeat(120), 'state');
    const settings = { ...bed.settings, stateDirectory: deep };
    const long = await DriverSession.open({
      ...harness(),
      connect: () => new LinuxuDriver(settings),
    });
    await long.untilEnded(await long.start(guest('hello')));
    await long.end();
  });
});
