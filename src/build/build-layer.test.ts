// SPDX-License-Identifier: BSD-3-Clause
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { refused, request, useBuildBed, WAIT } from '../../test/support/build-bed.js';
import type { Build, BuildRequest } from './ports.js';
import type { Target } from './target.js';

const BOTH: readonly Target[] = ['kvm-x86_64', 'linuxu-x86_64'];

describe('the build layer on fake pools', () => {
  const bed = useBuildBed();

  it('builds an image for each target, with its manifest', async () => {
    const build = await bed.built('hello', BOTH);
    expect(build.phase).toBe('succeeded');
    expect(build.targets).toMatchObject([
      { target: 'kvm-x86_64', phase: 'succeeded', cached: false, error: null },
      { target: 'linuxu-x86_64', phase: 'succeeded', cached: false, error: null },
    ]);
    const { manifest, path } = await bed.layer.images.get(build.targets[0]!.image!);
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
    const linuxu = await bed.layer.images.get(build.targets[1]!.image!);
    expect(linuxu.manifest.bootProtocols).toEqual(['linux-elf']);
    expect(await bed.logOf(build.id)).toContain('  CC   kvm-x86_64 app/hello/main.c\n');
    expect(await bed.workIn()).toEqual([]);
  });

  it('answers the same request from the store, also after a restart', async () => {
    const first = await bed.built('hello');
    const second = await bed.built('hello');
    expect(second.targets).toMatchObject([{ cached: true, image: first.targets[0]?.image }]);
    await bed.reopen({});
    const third = await bed.built('hello');
    expect(third.targets).toMatchObject([{ cached: true, image: first.targets[0]?.image }]);
    expect(await bed.fake.makes()).toEqual(['kvm-x86_64']);
  });

  it('builds anew when a source or a symbol changed, or the image was deleted', async () => {
    const first = await bed.built('hello');
    await bed.fake.write('app/hello/main.c', 'int main;');
    expect((await bed.built('hello')).targets).toMatchObject([{ cached: false }]);
    const { id } = await bed.layer.builder.submit({
      ...request('hello'),
      symbols: { STACK_SIZE: '8192' },
    });
    const other = await bed.layer.builder.wait(id);
    expect(other.targets[0]?.image).not.toBe(first.targets[0]?.image);
    await bed.layer.images.delete(first.targets[0]!.image!);
    expect((await bed.built('hello')).targets).toMatchObject([{ cached: false }]);
    expect(await bed.fake.makes()).toHaveLength(4);
  });

  it('replaces an image that was damaged', async () => {
    const first = await bed.built('hello');
    const { path } = await bed.layer.images.get(first.targets[0]!.image!);
    await chmod(path, 0o644);
    await writeFile(path, 'damaged');
    const second = await bed.built('hello');
    expect(second.targets).toMatchObject([{ cached: false, image: first.targets[0]?.image }]);
    await bed.layer.images.get(first.targets[0]!.image!);
  });

  it('makes once what is asked for several times at the same time', async () => {
    const one = await bed.layer.builder.submit(request('gated'));
    await bed.untilRunning(one.id);
    const two = await bed.layer.builder.submit(request('gated'));
    const image = bed.layer.imageSource.imageFor({
      app: 'gated',
      target: 'kvm-x86_64',
      symbols: {},
    });
    await bed.untilRunning(two.id);
    expect((await bed.layer.builder.cancel(one.id)).phase).toBe('cancelled');
    await bed.fake.openGate();
    const { targets, phase } = await bed.layer.builder.wait(two.id);
    expect(phase).toBe('succeeded');
    expect((await image).manifest.digest).toBe(targets[0]?.image);
    expect(await bed.fake.makes()).toHaveLength(1);
  });

  it('shows the compiler’s error, not the exit code', async () => {
    const build = await bed.built('broken');
    expect(build.phase).toBe('failed');
    expect(build.targets[0]?.error).toEqual({
      code: 'BUILD_FAILED',
      message: "app/broken/main.c:3:1: error: expected ';' before '}' token",
    });
  });

  it('builds the other targets when one fails', async () => {
    const build = await bed.built('partly', BOTH);
    expect(build.phase).toBe('failed');
    expect(build.targets).toMatchObject([
      { phase: 'failed', error: { message: expect.stringContaining('frobnicate') as string } },
      { phase: 'succeeded', error: null },
    ]);
  });

  it('fails a build that makes nothing, or no image', async () => {
    expect((await bed.built('nothing')).targets[0]?.error?.message).toContain('did not make');
    expect((await bed.built('text')).targets[0]?.error?.message).toContain('not an ELF file');
  });

  it('gives the build nothing of its own environment', async () => {
    vi.stubEnv('UNICORE_TOKEN', 'secret');
    const { id } = await bed.built('environment');
    vi.unstubAllEnvs();
    const log = await bed.logOf(id);
    expect(log).toContain('HOME=');
    expect(log).not.toContain('secret');
  });

  it('refuses requests that name nothing that there is', async () => {
    const submit = (change: Partial<BuildRequest>): Promise<Build> =>
      bed.layer.builder.submit({ ...request('hello'), ...change });
    expect(await refused(submit({ app: '../hello' }), 'UNKNOWN_APP')).toBe(true);
    expect(await refused(submit({ targets: ['xen-x86_64'] }), 'UNKNOWN_TARGET')).toBe(true);
    expect(await refused(submit({ targets: [] }), 'INVALID_REQUEST')).toBe(true);
    expect(await refused(submit({ symbols: { NOPE: 'y' } }), 'UNKNOWN_SYMBOL')).toBe(true);
    const invalid = submit({ symbols: { STACK_SIZE: 'x' } });
    expect(await refused(invalid, 'INVALID_SYMBOL_VALUE')).toBe(true);
    expect(await refused(bed.layer.builder.wait('nope'), 'UNKNOWN_BUILD')).toBe(true);
    expect(() => bed.layer.builder.log('../../etc', 0)).toThrow('no build');
    expect(await bed.layer.builder.list()).toEqual([]);
  });

  it('gives the image for an application, building it only once', async () => {
    const wanted = { app: 'hello', target: 'kvm-x86_64', symbols: {} } as const;
    const image = await bed.layer.imageSource.imageFor(wanted);
    expect(await bed.layer.imageSource.imageFor(wanted)).toEqual(image);
    expect(await bed.layer.builder.list()).toHaveLength(1);
    expect(await bed.fake.makes()).toHaveLength(1);
  });

  it('ends the build of an image that nobody waits for, and hands on why a build failed', async () => {
    const leaving = new AbortController();
    const wanted = { app: 'gated', target: 'kvm-x86_64', symbols: {} } as const;
    const image = bed.layer.imageSource.imageFor(wanted, leaving.signal).catch((e: unknown) => e);
    await vi.waitFor(async () => expect(await bed.fake.makes()).toHaveLength(1), WAIT);
    const reason = new Error('gone');
    leaving.abort(reason);
    expect(await image).toBe(reason);
    const [build] = await bed.layer.builder.list();
    expect(build?.phase).toBe('cancelled');
    const broken = bed.layer.imageSource.imageFor({ ...wanted, app: 'broken' });
    await expect(broken).rejects.toThrow("expected ';'");
    expect(await refused(broken, 'BUILD_FAILED')).toBe(true);
  });

  it('refuses directories that it cannot use', async () => {
    const empty = join(bed.fake.root, 'empty');
    await mkdir(empty);
    const code = 'INVALID_CONFIGURATION_FILE';
    expect(await refused(bed.open({ poolsDirectory: empty }), code)).toBe(true);
    expect(await refused(bed.open({ cacheDirectory: `${bed.fake.root}/a b` }), code)).toBe(true);
  });

  it('makes anew what was lost with the cache', async () => {
    const first = await bed.built('hello');
    await bed.layer.close();
    await rm(join(bed.fake.root, 'cache'), { recursive: true });
    bed.layer = await bed.open();
    expect((await bed.built('hello')).targets).toMatchObject([
      { cached: false, image: first.targets[0]?.image },
    ]);
  });
});
