// SPDX-License-Identifier: BSD-3-Clause
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fakePools, type FakePools } from '../../test/support/fake-pools.js';
import { recordingLogger } from '../../test/support/logger.js';
import { isUnicoreError, type ErrorCode } from '../errors/index.js';
import { processStartTime } from '../process/index.js';
import { createBuildLayer, type BuildLayer, type BuildLayerOptions } from './build-layer.js';
import type { Build, BuildRequest } from './ports.js';
import type { Target } from './target.js';

const WAIT = { timeout: 20_000, interval: 10 };
const BOTH: readonly Target[] = ['kvm-x86_64', 'linuxu-x86_64'];

describe('the build layer on fake pools', () => {
  let fake: FakePools;
  let layer: BuildLayer;

  const open = (options: Partial<BuildLayerOptions> = {}): Promise<BuildLayer> =>
    createBuildLayer({
      poolsDirectory: fake.directory,
      stateDirectory: join(fake.root, 'state'),
      cacheDirectory: join(fake.root, 'cache'),
      logger: recordingLogger(),
      // What these rules do shows in the pools, which a confined build cannot change. test/build/ has those.
      sandboxProgram: null,
      ...options,
    });
  const reopen = async (options: Partial<BuildLayerOptions>): Promise<void> => {
    await layer.close();
    layer = await open(options);
  };

  beforeEach(async () => {
    fake = await fakePools();
    layer = await open();
  });
  afterEach(async () => {
    await layer.close();
    await fake.remove();
  });

  function request(app: string, targets: readonly Target[] = ['kvm-x86_64']): BuildRequest {
    return { app, targets, symbols: {} };
  }
  async function built(app: string, targets?: readonly Target[]): Promise<Build> {
    const { id } = await layer.builder.submit(request(app, targets));
    return layer.builder.wait(id);
  }
  async function logOf(id: string, from = 0): Promise<string> {
    let text = '';
    for await (const chunk of layer.builder.log(id, from)) text += chunk.text;
    return text;
  }
  async function untilRunning(id: string): Promise<void> {
    await vi.waitFor(async () => {
      const { targets } = await layer.builder.get(id);
      expect(targets.some(({ phase }) => phase === 'running')).toBe(true);
    }, WAIT);
  }
  async function untilPrinted(id: string, text: string): Promise<void> {
    for await (const chunk of layer.builder.log(id, 0)) if (chunk.text.includes(text)) return;
  }
  async function refused(promise: Promise<unknown>, code: ErrorCode): Promise<boolean> {
    return promise.then(
      () => false,
      (error: unknown) => isUnicoreError(error, code),
    );
  }
  const workIn = (): Promise<string[]> => readdir(join(fake.root, 'cache', 'work'));

  it('builds an image for each target, with its manifest', async () => {
    const build = await built('hello', BOTH);
    expect(build.phase).toBe('succeeded');
    expect(build.targets).toMatchObject([
      { target: 'kvm-x86_64', phase: 'succeeded', cached: false, error: null },
      { target: 'linuxu-x86_64', phase: 'succeeded', cached: false, error: null },
    ]);
    const { manifest, path } = await layer.images.get(build.targets[0]!.image!);
    expect(manifest).toMatchObject({
      app: 'hello',
      target: 'kvm-x86_64',
      architecture: 'x86_64',
      bootProtocols: ['pvh'],
      reportsReady: true,
      minimumMemoryBytes: 2_097_152,
      libraries: [
        {
          name: 'libc',
          bytes: 100,
          sizes: { code: 60, constants: 20, data: 10, bss: 10 },
          version: '1.2',
          licence: 'BSD-3-Clause AND (MIT OR Apache-2.0)',
        },
        { name: '(generated)', bytes: 8, version: null, licence: null, sourcesHash: null },
      ],
      origin: 'built',
    });
    expect(manifest.libraries[0]?.sourcesHash).toMatch(/^[0-9a-f]{64}$/);
    expect(manifest.compiler).toMatch(/^gcc \d+\./);
    expect(manifest.configuration).toContain('CONFIG_STACK_SIZE=16384');
    expect(await readFile(`${path}.dbg`)).toEqual(await readFile(path));
    const linuxu = await layer.images.get(build.targets[1]!.image!);
    expect(linuxu.manifest.bootProtocols).toEqual(['linux-elf']);
    expect(await logOf(build.id)).toContain('  CC   kvm-x86_64 app/hello/main.c\n');
    expect(await workIn()).toEqual([]);
  });

  it('answers the same request from the store, also after a restart', async () => {
    const first = await built('hello');
    const second = await built('hello');
    expect(second.targets).toMatchObject([{ cached: true, image: first.targets[0]?.image }]);
    await reopen({});
    const third = await built('hello');
    expect(third.targets).toMatchObject([{ cached: true, image: first.targets[0]?.image }]);
    expect(await fake.makes()).toEqual(['kvm-x86_64']);
  });

  it('builds anew when a source or a symbol changed, or the image was deleted', async () => {
    const first = await built('hello');
    await fake.write('app/hello/main.c', 'int main;');
    expect((await built('hello')).targets).toMatchObject([{ cached: false }]);
    const { id } = await layer.builder.submit({
      ...request('hello'),
      symbols: { STACK_SIZE: '8192' },
    });
    const other = await layer.builder.wait(id);
    expect(other.targets[0]?.image).not.toBe(first.targets[0]?.image);
    await layer.images.delete(first.targets[0]!.image!);
    expect((await built('hello')).targets).toMatchObject([{ cached: false }]);
    expect(await fake.makes()).toHaveLength(4);
  });

  it('replaces an image that was damaged', async () => {
    const first = await built('hello');
    const { path } = await layer.images.get(first.targets[0]!.image!);
    await chmod(path, 0o644);
    await writeFile(path, 'damaged');
    const second = await built('hello');
    expect(second.targets).toMatchObject([{ cached: false, image: first.targets[0]?.image }]);
    await layer.images.get(first.targets[0]!.image!);
  });

  it('makes once what is asked for several times at the same time', async () => {
    const one = await layer.builder.submit(request('gated'));
    await untilRunning(one.id);
    const two = await layer.builder.submit(request('gated'));
    const image = layer.imageSource.imageFor({ app: 'gated', target: 'kvm-x86_64', symbols: {} });
    await untilRunning(two.id);
    expect((await layer.builder.cancel(one.id)).phase).toBe('cancelled');
    await fake.openGate();
    const { targets, phase } = await layer.builder.wait(two.id);
    expect(phase).toBe('succeeded');
    expect((await image).manifest.digest).toBe(targets[0]?.image);
    expect(await fake.makes()).toHaveLength(1);
  });

  it('shows the compiler’s error, not the exit code', async () => {
    const build = await built('broken');
    expect(build.phase).toBe('failed');
    expect(build.targets[0]?.error).toEqual({
      code: 'BUILD_FAILED',
      message: "app/broken/main.c:3:1: error: expected ';' before '}' token",
    });
  });

  it('builds the other targets when one fails', async () => {
    const build = await built('partly', BOTH);
    expect(build.phase).toBe('failed');
    expect(build.targets).toMatchObject([
      { phase: 'failed', error: { message: expect.stringContaining('frobnicate') as string } },
      { phase: 'succeeded', error: null },
    ]);
  });

  it('fails a build that makes nothing, or no image', async () => {
    expect((await built('nothing')).targets[0]?.error?.message).toContain('did not make');
    expect((await built('text')).targets[0]?.error?.message).toContain('not an ELF file');
  });

  it('gives the build nothing of its own environment', async () => {
    vi.stubEnv('UNICORE_TOKEN', 'secret');
    const { id } = await built('environment');
    vi.unstubAllEnvs();
    const log = await logOf(id);
    expect(log).toContain('HOME=');
    expect(log).not.toContain('secret');
  });

  it('ends a build that takes too long, and its processes', async () => {
    await reopen({ buildTimeoutMilliseconds: 500 });
    const build = await built('endless');
    expect(build.targets[0]?.error?.code).toBe('BUILD_TIMED_OUT');
    const pid = Number(await readFile(join(fake.directory, '.pid'), 'utf8'));
    await vi.waitFor(() => expect(processStartTime(pid)).toBeNull(), WAIT);
    expect(await workIn()).toEqual([]);
  });

  it('ends a build that prints too much', async () => {
    await reopen({ maxBuildOutputBytes: 1_000_000 });
    const build = await built('flood');
    expect(build.targets[0]?.error?.code).toBe('BUILD_OUTPUT_TOO_LARGE');
    expect((await logOf(build.id)).length).toBeLessThan(1_001_000);
  });

  it('cancels a running build, and one that waits', async () => {
    await reopen({ maxParallelBuilds: 1 });
    const running = await layer.builder.submit(request('gated'));
    await untilPrinted(running.id, 'waiting');
    const waiting = await layer.builder.submit(request('hello'));
    expect(waiting.phase).toBe('queued');
    expect(await layer.builder.cancel(waiting.id)).toMatchObject({
      phase: 'cancelled',
      startedAt: null,
    });
    const cancelled = await layer.builder.cancel(running.id);
    expect(cancelled.targets).toMatchObject([
      { phase: 'cancelled', error: { code: 'BUILD_CANCELLED' } },
    ]);
    expect(cancelled.finishedAt).not.toBeNull();
    expect(await layer.builder.cancel(running.id)).toEqual(cancelled);
    expect((await built('hello')).phase).toBe('succeeded');
    expect(await fake.makes()).toHaveLength(2);
  });

  it('refuses what the queue has no room for, and goes on', async () => {
    await reopen({ maxParallelBuilds: 1, maxWaitingBuilds: 1 });
    const first = await layer.builder.submit(request('gated'));
    const second = await layer.builder.submit(request('hello'));
    expect(await refused(layer.builder.submit(request('partly')), 'BUILD_QUEUE_FULL')).toBe(true);
    // What is being built already takes no room.
    const third = await layer.builder.submit(request('hello'));
    await fake.openGate();
    for (const { id } of [first, second, third]) {
      expect((await layer.builder.wait(id)).phase).toBe('succeeded');
    }
  });

  it('admits no more than there is room for when many come at once', async () => {
    await reopen({ maxParallelBuilds: 1, maxWaitingBuilds: 2 });
    const submitted = await Promise.allSettled(
      ['8192', '8193', '8194', '8195', '8196'].map((size) =>
        layer.builder.submit({ ...request('gated'), symbols: { STACK_SIZE: size } }),
      ),
    );
    expect(submitted.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
  });

  it('tells of each change, in order', async () => {
    const phases: string[] = [];
    const stop = layer.builder.onChange(({ phase }) => phases.push(phase));
    layer.builder.onChange(() => {
      throw new Error('a bad listener');
    });
    await built('hello');
    stop();
    await built('broken');
    expect(phases).toEqual(['queued', 'running', 'succeeded']);
  });

  it('lets readers follow the log from any offset', async () => {
    const { id } = await layer.builder.submit(request('gated'));
    const following = logOf(id);
    await untilPrinted(id, 'waiting');
    await fake.openGate();
    const whole = await following;
    expect(whole).toMatch(/^waiting\nkvm-x86_64: sha256:/);
    expect(await logOf(id, 8)).toBe(whole.slice(8));
    expect(await logOf(id, 1_000_000)).toBe('');
    for await (const { offset } of layer.builder.log(id, 3)) expect(offset).toBe(3);
  });

  it('stops following a log, and waiting, when the reader leaves', async () => {
    const { id } = await layer.builder.submit(request('gated'));
    const leaving = new AbortController();
    const reading = (async () => {
      let bytes = 0;
      for await (const { text } of layer.builder.log(id, 0, leaving.signal)) bytes += text.length;
      return bytes;
    })();
    const waiting = layer.builder.wait(id, leaving.signal).catch((error: unknown) => error);
    const reason = new Error('gone');
    leaving.abort(reason);
    expect(await reading).toBeLessThan(1_000);
    expect(await waiting).toBe(reason);
    await untilRunning(id);
  });

  it('has failed builds that a restart interrupted, and ends what they left running', async () => {
    const { id } = await layer.builder.submit(request('hello'));
    await layer.builder.wait(id);
    await layer.close();
    // As a daemon leaves it that was killed: a record that says running, a folder, and a process in it.
    const recordPath = join(fake.root, 'state', 'builds', id, 'build.json');
    const record = JSON.parse(await readFile(recordPath, 'utf8')) as Build;
    const unfinished = { ...record, phase: 'running', finishedAt: null };
    const targets = record.targets.map((target) => ({ ...target, phase: 'running', image: null }));
    await writeFile(recordPath, JSON.stringify({ ...unfinished, targets }));
    const work = join(fake.root, 'cache', 'work', '0');
    await mkdir(work, { recursive: true });
    const stray = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
    const ended = new Promise((resolve) => stray.once('exit', (_code, signal) => resolve(signal)));
    const startTime = processStartTime(stray.pid!);
    await writeFile(join(work, 'process.json'), JSON.stringify({ pid: stray.pid, startTime }));

    layer = await open();
    expect(await layer.builder.get(id)).toMatchObject({
      phase: 'failed',
      targets: [{ phase: 'failed', error: { code: 'SHUTTING_DOWN' } }],
    });
    expect(await layer.builder.wait(id)).toMatchObject({ phase: 'failed' });
    expect(await logOf(id)).toContain('CC');
    expect(await ended).toBe('SIGKILL');
    expect(await workIn()).toEqual([]);
  });

  it('does not end a process that only has the number of an earlier build', async () => {
    await layer.close();
    const work = join(fake.root, 'cache', 'work', '0');
    await mkdir(work, { recursive: true });
    const stranger = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
    await writeFile(
      join(work, 'process.json'),
      JSON.stringify({ pid: stranger.pid, startTime: 1 }),
    );
    layer = await open();
    expect(processStartTime(stranger.pid!)).not.toBeNull();
    stranger.kill('SIGKILL');
  });

  it('ends running builds when it closes, and takes no more', async () => {
    const { id } = await layer.builder.submit(request('gated'));
    await untilRunning(id);
    await layer.close();
    expect(await layer.builder.get(id)).toMatchObject({
      phase: 'failed',
      targets: [{ error: { code: 'SHUTTING_DOWN' } }],
    });
    expect(await workIn()).toEqual([]);
    expect(await refused(layer.builder.submit(request('hello')), 'SHUTTING_DOWN')).toBe(true);
  });

  it('remembers a bounded number of builds', async () => {
    await reopen({ maxEndedBuilds: 2 });
    const ids: string[] = [];
    for (const app of ['hello', 'broken', 'nothing']) ids.push((await built(app)).id);
    const known = (await layer.builder.list()).map(({ id }) => id);
    expect(known).toEqual([ids[2], ids[1]]);
    expect(await refused(layer.builder.get(ids[0]!), 'UNKNOWN_BUILD')).toBe(true);
    expect((await readdir(join(fake.root, 'state', 'builds'))).sort()).toEqual([...known].sort());
  });

  it('refuses requests that name nothing that there is', async () => {
    const submit = (change: Partial<BuildRequest>): Promise<Build> =>
      layer.builder.submit({ ...request('hello'), ...change });
    expect(await refused(submit({ app: '../hello' }), 'UNKNOWN_APP')).toBe(true);
    expect(await refused(submit({ targets: ['xen-x86_64'] }), 'UNKNOWN_TARGET')).toBe(true);
    expect(await refused(submit({ targets: [] }), 'INVALID_REQUEST')).toBe(true);
    expect(await refused(submit({ symbols: { NOPE: 'y' } }), 'UNKNOWN_SYMBOL')).toBe(true);
    const invalid = submit({ symbols: { STACK_SIZE: 'x' } });
    expect(await refused(invalid, 'INVALID_SYMBOL_VALUE')).toBe(true);
    expect(await refused(layer.builder.wait('nope'), 'UNKNOWN_BUILD')).toBe(true);
    expect(() => layer.builder.log('../../etc', 0)).toThrow('no build');
    expect(await layer.builder.list()).toEqual([]);
  });

  it('gives the image for an application, building it only once', async () => {
    const wanted = { app: 'hello', target: 'kvm-x86_64', symbols: {} } as const;
    const image = await layer.imageSource.imageFor(wanted);
    expect(await layer.imageSource.imageFor(wanted)).toEqual(image);
    expect(await layer.builder.list()).toHaveLength(1);
    expect(await fake.makes()).toHaveLength(1);
  });

  it('ends the build of an image that nobody waits for, and hands on why a build failed', async () => {
    const leaving = new AbortController();
    const wanted = { app: 'gated', target: 'kvm-x86_64', symbols: {} } as const;
    const image = layer.imageSource.imageFor(wanted, leaving.signal).catch((e: unknown) => e);
    await vi.waitFor(async () => expect(await fake.makes()).toHaveLength(1), WAIT);
    const reason = new Error('gone');
    leaving.abort(reason);
    expect(await image).toBe(reason);
    const [build] = await layer.builder.list();
    expect(build?.phase).toBe('cancelled');
    const broken = layer.imageSource.imageFor({ ...wanted, app: 'broken' });
    await expect(broken).rejects.toThrow("expected ';'");
    expect(await refused(broken, 'BUILD_FAILED')).toBe(true);
  });

  it('refuses directories that it cannot use', async () => {
    const empty = join(fake.root, 'empty');
    await mkdir(empty);
    const code = 'INVALID_CONFIGURATION_FILE';
    expect(await refused(open({ poolsDirectory: empty }), code)).toBe(true);
    expect(await refused(open({ cacheDirectory: `${fake.root}/a b` }), code)).toBe(true);
  });

  it('makes anew what was lost with the cache', async () => {
    const first = await built('hello');
    await layer.close();
    await rm(join(fake.root, 'cache'), { recursive: true });
    layer = await open();
    expect((await built('hello')).targets).toMatchObject([
      { cached: false, image: first.targets[0]?.image },
    ]);
  });
});
