// SPDX-License-Identifier: BSD-3-Clause
import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { refused, request, useBuildBed, WAIT } from '../../test/support/build-bed.js';
import { processStartTime } from '../process/index.js';
import type { Build } from './ports.js';

describe('builds under way, on fake pools', () => {
  const bed = useBuildBed();

  it('ends a build that takes too long, and its processes', async () => {
    await bed.reopen({ buildTimeoutMilliseconds: 500 });
    const build = await bed.built('endless');
    expect(build.targets[0]?.error?.code).toBe('BUILD_TIMED_OUT');
    const pid = Number(await readFile(join(bed.fake.directory, '.pid'), 'utf8'));
    await vi.waitFor(() => expect(processStartTime(pid)).toBeNull(), WAIT);
    expect(await bed.workIn()).toEqual([]);
  });

  it('ends a build that prints too much', async () => {
    await bed.reopen({ maxBuildOutputBytes: 1_000_000 });
    const build = await bed.built('flood');
    expect(build.targets[0]?.error?.code).toBe('BUILD_OUTPUT_TOO_LARGE');
    expect((await bed.logOf(build.id)).length).toBeLessThan(1_001_000);
  });

  it('cancels a running build, and one that waits', async () => {
    await bed.reopen({ maxParallelBuilds: 1 });
    const running = await bed.layer.builder.submit(request('gated'));
    await bed.untilPrinted(running.id, 'waiting');
    const waiting = await bed.layer.builder.submit(request('hello'));
    expect(waiting.phase).toBe('queued');
    expect(await bed.layer.builder.cancel(waiting.id)).toMatchObject({
      phase: 'cancelled',
      startedAt: null,
    });
    const cancelled = await bed.layer.builder.cancel(running.id);
    expect(cancelled.targets).toMatchObject([
      { phase: 'cancelled', error: { code: 'BUILD_CANCELLED' } },
    ]);
    expect(cancelled.finishedAt).not.toBeNull();
    expect(await bed.layer.builder.cancel(running.id)).toEqual(cancelled);
    expect((await bed.built('hello')).phase).toBe('succeeded');
    expect(await bed.fake.makes()).toHaveLength(2);
  });

  it('refuses what the queue has no room for, and goes on', async () => {
    await bed.reopen({ maxParallelBuilds: 1, maxWaitingBuilds: 1 });
    const first = await bed.layer.builder.submit(request('gated'));
    const second = await bed.layer.builder.submit(request('hello'));
    expect(await refused(bed.layer.builder.submit(request('partly')), 'BUILD_QUEUE_FULL')).toBe(
      true,
    );
    // What is being built already takes no room.
    const third = await bed.layer.builder.submit(request('hello'));
    await bed.fake.openGate();
    for (const { id } of [first, second, third]) {
      expect((await bed.layer.builder.wait(id)).phase).toBe('succeeded');
    }
  });

  it('admits no more than there is room for when many come at once', async () => {
    await bed.reopen({ maxParallelBuilds: 1, maxWaitingBuilds: 2 });
    const submitted = await Promise.allSettled(
      ['8192', '8193', '8194', '8195', '8196'].map((size) =>
        bed.layer.builder.submit({ ...request('gated'), symbols: { STACK_SIZE: size } }),
      ),
    );
    expect(submitted.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
  });

  it('tells of each change, in order', async () => {
    const phases: string[] = [];
    const stop = bed.layer.builder.onChange(({ phase }) => phases.push(phase));
    bed.layer.builder.onChange(() => {
      throw new Error('a bad listener');
    });
    await bed.built('hello');
    stop();
    await bed.built('broken');
    expect(phases).toEqual(['queued', 'running', 'succeeded']);
  });

  it('lets readers follow the log from any offset', async () => {
    const { id } = await bed.layer.builder.submit(request('gated'));
    const following = bed.logOf(id);
    await bed.untilPrinted(id, 'waiting');
    await bed.fake.openGate();
    const whole = await following;
    expect(whole).toMatch(/^waiting\nkvm-x86_64: sha256:/);
    expect(await bed.logOf(id, 8)).toBe(whole.slice(8));
    expect(await bed.logOf(id, 1_000_000)).toBe('');
    for await (const { offset } of bed.layer.builder.log(id, 3)) expect(offset).toBe(3);
  });

  it('stops following a log, and waiting, when the reader leaves', async () => {
    const { id } = await bed.layer.builder.submit(request('gated'));
    const leaving = new AbortController();
    const reading = (async () => {
      let bytes = 0;
      for await (const { text } of bed.layer.builder.log(id, 0, leaving.signal))
        bytes += text.length;
      return bytes;
    })();
    const waiting = bed.layer.builder.wait(id, leaving.signal).catch((error: unknown) => error);
    const reason = new Error('gone');
    leaving.abort(reason);
    expect(await reading).toBeLessThan(1_000);
    expect(await waiting).toBe(reason);
    await bed.untilRunning(id);
  });

  it('has failed builds that a restart interrupted, and ends what they left running', async () => {
    const { id } = await bed.layer.builder.submit(request('hello'));
    await bed.layer.builder.wait(id);
    await bed.layer.close();
    // As a daemon leaves it that was killed: a record that says running, a folder, and a process in it.
    const recordPath = join(bed.fake.root, 'state', 'builds', id, 'build.json');
    const record = JSON.parse(await readFile(recordPath, 'utf8')) as Build;
    const unfinished = { ...record, phase: 'running', finishedAt: null };
    const targets = record.targets.map((target) => ({ ...target, phase: 'running', image: null }));
    await writeFile(recordPath, JSON.stringify({ ...unfinished, targets }));
    const work = join(bed.fake.root, 'cache', 'work', '0');
    await mkdir(work, { recursive: true });
    const stray = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
    const ended = new Promise((resolve) => stray.once('exit', (_code, signal) => resolve(signal)));
    const startTime = processStartTime(stray.pid!);
    await writeFile(join(work, 'process.json'), JSON.stringify({ pid: stray.pid, startTime }));

    bed.layer = await bed.open();
    expect(await bed.layer.builder.get(id)).toMatchObject({
      phase: 'failed',
      targets: [{ phase: 'failed', error: { code: 'SHUTTING_DOWN' } }],
    });
    expect(await bed.layer.builder.wait(id)).toMatchObject({ phase: 'failed' });
    expect(await bed.logOf(id)).toContain('CC');
    expect(await ended).toBe('SIGKILL');
    expect(await bed.workIn()).toEqual([]);
  });

  it('does not end a process that only has the number of an earlier build', async () => {
    await bed.layer.close();
    const work = join(bed.fake.root, 'cache', 'work', '0');
    await mkdir(work, { recursive: true });
    const stranger = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
    await writeFile(
      join(work, 'process.json'),
      JSON.stringify({ pid: stranger.pid, startTime: 1 }),
    );
    bed.layer = await bed.open();
    expect(processStartTime(stranger.pid!)).not.toBeNull();
    stranger.kill('SIGKILL');
  });

  it('ends running builds when it closes, and takes no more', async () => {
    const { id } = await bed.layer.builder.submit(request('gated'));
    await bed.untilRunning(id);
    await bed.layer.close();
    expect(await bed.layer.builder.get(id)).toMatchObject({
      phase: 'failed',
      targets: [{ error: { code: 'SHUTTING_DOWN' } }],
    });
    expect(await bed.workIn()).toEqual([]);
    expect(await refused(bed.layer.builder.submit(request('hello')), 'SHUTTING_DOWN')).toBe(true);
  });

  it('remembers a bounded number of builds', async () => {
    await bed.reopen({ maxEndedBuilds: 2 });
    const ids: string[] = [];
    for (const app of ['hello', 'broken', 'nothing']) ids.push((await bed.built(app)).id);
    const known = (await bed.layer.builder.list()).map(({ id }) => id);
    expect(known).toEqual([ids[2], ids[1]]);
    expect(await refused(bed.layer.builder.get(ids[0]!), 'UNKNOWN_BUILD')).toBe(true);
    expect((await readdir(join(bed.fake.root, 'state', 'builds'))).sort()).toEqual(
      [...known].sort(),
    );
  });
});
