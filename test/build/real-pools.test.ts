// SPDX-License-Identifier: BSD-3-Clause
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordingLogger } from '../support/logger.js';
import type { BootProtocol } from '../../src/build/image.js';
import {
  createBuildLayer,
  parseTarget,
  type Build,
  type BuildLayer,
} from '../../src/build/index.js';
import { choicesIn, parseDefconfig } from '../../src/build/pools/index.js';

const ARCHITECTURES: readonly string[] = ['arm', 'arm64', 'x86_64'];

/** Where ARM differs from the list below. */
const ARM_PROTOCOLS: Readonly<Record<string, BootProtocol>> = {
  kvm: 'devicetree',
  xen: 'linux-image',
};
const POOLS = join(import.meta.dirname, '..', '..', 'pools');

/** How the images of a platform are entered. */
const PROTOCOLS: Readonly<Record<string, BootProtocol>> = {
  linuxu: 'linux-elf',
  kvm: 'pvh',
  xen: 'pvh',
  baremetal: 'multiboot2',
};

describe('the build layer on the real pools', () => {
  let root: string;
  let layer: BuildLayer;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'unicore-build-'));
    layer = await createBuildLayer({
      poolsDirectory: POOLS,
      stateDirectory: join(root, 'state'),
      cacheDirectory: join(root, 'cache'),
      logger: recordingLogger(),
    });
  });
  afterAll(async () => {
    await layer.close();
    await rm(root, { recursive: true, force: true });
  });

  async function built(app: string, symbols: Record<string, string> = {}): Promise<Build> {
    const { targets } = await layer.catalogue.application(app);
    const { id } = await layer.builder.submit({ app, targets, symbols });
    return layer.builder.wait(id);
  }

  it('describes every library and application', async () => {
    for (const { name, summary, help } of await layer.catalogue.libraries()) {
      if (ARCHITECTURES.includes(name)) continue; // An architecture has no entry in the menu.
      expect(`${name}: ${summary}`).toMatch(/: ./);
      expect(`${name}: ${help}`).toMatch(/: ./);
    }
    const applications = await layer.catalogue.applications();
    expect(applications.map(({ name }) => name)).toContain('helloworld');
    for (const { name, summary, targets } of applications) {
      expect(`${name}: ${summary}`).toMatch(/: ./);
      expect(targets).toEqual(expect.arrayContaining(['kvm-x86_64', 'linuxu-x86_64']));
    }
  });

  it('shows the menu of every application, with values that give the same again', async () => {
    for (const { name, targets } of await layer.catalogue.applications()) {
      for (const target of targets) {
        const menu = await layer.configurator.menu({ app: name, target, symbols: {} });
        const { symbols, targets: chosen } = choicesIn(menu.defconfig);
        expect(chosen).toEqual([target]);
        const again = await layer.configurator.menu({ app: name, target, symbols });
        expect(again.defconfig).toBe(menu.defconfig);
        expect(menu.entries.map(({ prompt }) => prompt)).toContain('Build options');
      }
    }
  });

  it('builds every application for every target', async () => {
    for (const { name } of await layer.catalogue.applications()) {
      const { targets } = await built(name);
      for (const { target, error } of targets) {
        expect({ name, target, error }).toEqual({ name, target, error: null });
      }
    }
    for (const manifest of await layer.images.list()) {
      expect(manifest.reportsReady).toBe(true);
      const { platform = '', architecture } = parseTarget(manifest.target ?? '') ?? {};
      expect(manifest.architecture).toBe(architecture);
      expect(manifest.bootProtocols).toContain(
        (architecture === 'x86_64' ? undefined : ARM_PROTOCOLS[platform]) ?? PROTOCOLS[platform],
      );
      expect(manifest.minimumMemoryBytes).toBeGreaterThan(0);
      expect(manifest.libraries.map(({ name }) => name)).toContain('libc');
    }
  });

  it('knows licence, version and kinds of bytes of every library, and what made the image', async () => {
    for (const manifest of await layer.images.list()) {
      expect(manifest.buildId).toMatch(/^[0-9a-f]{64}$/);
      expect(manifest.compiler).toMatch(/^\S*gcc \d+/);
      for (const { name, bytes, sizes, version, licence } of manifest.libraries) {
        const { code = 0, constants = 0, data = 0, bss = 0 } = sizes ?? {};
        expect({ name, bytes: code + constants + data + bss }).toEqual({ name, bytes });
        if (name === '(generated)') continue;
        expect({ name, licence }).toEqual({ name, licence: 'BSD-3-Clause' });
        expect(version).toMatch(/^sources-[0-9a-f]{12}$/);
      }
    }
  });

  it('builds for other architectures', async () => {
    const targets = ['kvm-arm', 'kvm-arm64', 'linuxu-arm', 'linuxu-arm64', 'xen-arm64'] as const;
    const { id } = await layer.builder.submit({ app: 'helloworld', targets, symbols: {} });
    const build = await layer.builder.wait(id);
    for (const { target, image, error } of build.targets) {
      expect({ target, error }).toEqual({ target, error: null });
      const { manifest } = await layer.images.get(image!);
      const [platform, architecture] = target.split('-');
      expect(manifest).toMatchObject({
        architecture,
        bootProtocols: [ARM_PROTOCOLS[platform ?? ''] ?? 'linux-elf'],
      });
      expect(manifest.compiler).toMatch(/^gcc \d+/);
      expect(manifest.minimumMemoryBytes).toBeGreaterThan(0);
      expect(manifest.bytes).toBeLessThanOrEqual(24 * 1024);
    }
  });

  it('runs what it built for linuxu', async () => {
    const symbols = { APPHELLOWORLD_GREETING: 'It\'s "a" test' };
    const image = await layer.imageSource.imageFor({
      app: 'helloworld',
      target: 'linuxu-x86_64',
      symbols,
    });
    const { stdout } = await promisify(execFile)(image.path, []);
    expect(stdout).toContain('It\'s "a" test\n');
  });

  it('resolves a configuration as the build rules do', async () => {
    const symbols = { LIBALLOC: 'y', LIBALLOC_BUDDY: 'y', STACK_SIZE: '32768' };
    for (const target of (await layer.catalogue.application('helloworld')).targets) {
      const resolved = await layer.configurator.resolve({ app: 'helloworld', target, symbols });
      expect(resolved.warnings).toEqual([]);
      expect(parseDefconfig(resolved.config)).toMatchObject(symbols);
      expect(resolved.libraries).toContain('alloc_buddy');
      const output = await mkdtemp(join(root, 'by-hand-'));
      await promisify(execFile)('sh', [
        '-c',
        'printf "%s\\n" CONFIG_LIBALLOC=y CONFIG_LIBALLOC_BUDDY=y CONFIG_STACK_SIZE=32768 >"$0/choices" && ' +
          'make -C "$1" O="$0" UC_CONFIG="$0/choices" TARGETS="$2"',
        output,
        join(POOLS, 'app', 'helloworld'),
        target,
      ]);
      const byHand = await readFile(join(output, target, '.config'), 'utf8');
      expect(parseDefconfig(resolved.config)).toEqual(parseDefconfig(byHand));
    }
  });

  it('says what a symbol needs that cannot be had', async () => {
    const { warnings } = await layer.configurator.resolve({
      app: 'helloworld',
      target: 'kvm-x86_64',
      symbols: { LIBALLOC_BUDDY: 'y' },
    });
    expect(warnings).toMatchObject([{ symbol: 'LIBALLOC_BUDDY', needs: 'LIBALLOC' }]);
  });

  it('draws what selects what, and says what was chosen', async () => {
    const request = { app: 'helloworld', target: 'kvm-x86_64', symbols: { LIBTIME: 'y' } } as const;
    const { libraries } = await layer.configurator.graph(request);
    const found = (name: string) => libraries.find(({ library }) => library === name);
    expect(found('lib/libc')).toMatchObject({
      why: 'selected',
      selectedBy: expect.arrayContaining([
        { symbol: 'APPHELLOWORLD', library: 'app/helloworld' },
      ]) as unknown,
    });
    expect(found('lib/time')).toMatchObject({ symbol: 'LIBTIME' });
    const resolved = await layer.configurator.resolve(request);
    expect(libraries.map(({ library }) => library.replace(/^.*\//, '')).sort()).toEqual(
      [...resolved.libraries].sort(),
    );
  });

  it('explains why a symbol has its value, and what turns it on', async () => {
    const request = { app: 'helloworld', target: 'linuxu-x86_64', symbols: {} } as const;
    const libc = await layer.configurator.explain(request, 'LIBLIBC');
    expect(libc).toMatchObject({ value: 'y', turnOn: [] });
    const texts = libc.reasons.map(({ text }) => text).join('\n');
    expect(texts).toContain('selected by APPHELLOWORLD');
    const buddy = await layer.configurator.explain(request, 'LIBALLOC_BUDDY');
    expect(buddy).toMatchObject({ value: 'n', unmet: ['LIBALLOC'] });
    const changes = (buddy.turnOn ?? []).map(({ symbol, value }) => [symbol, value] as const);
    const symbols = Object.fromEntries(changes);
    const { libraries } = await layer.configurator.resolve({ ...request, symbols });
    expect(libraries).toContain('alloc_buddy');
    await expect(layer.configurator.explain(request, 'LIBALOC')).rejects.toThrow('LIBALLOC');
  });

  it('gives the same image for the same inputs, from whatever directory', async () => {
    const [first] = (await built('exitcode')).targets;
    const other = await createBuildLayer({
      poolsDirectory: POOLS,
      stateDirectory: join(root, 'other', 'state'),
      cacheDirectory: join(root, 'other', 'a-longer-name-for-the-cache'),
      logger: recordingLogger(),
    });
    try {
      const image = await other.imageSource.imageFor({
        app: 'exitcode',
        target: first!.target,
        symbols: {},
      });
      expect(image.manifest.digest).toBe(first?.image);
    } finally {
      await other.close();
    }
  });

  it('answers an identical request from the store', async () => {
    await built('helloworld');
    for (const { cached } of (await built('helloworld')).targets) expect(cached).toBe(true);
  });
});
