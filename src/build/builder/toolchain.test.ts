// SPDX-License-Identifier: BSD-3-Clause
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordingLogger } from '../../../test/support/logger.js';
import { isUnicoreError } from '../../errors/index.js';
import type { ImageStore } from '../ports.js';
import { BuildCache } from './build-cache.js';
import { Toolchain } from './toolchain.js';
import { toolsFor } from './tools.js';

const names = (architecture: string, host: string): readonly string[] =>
  toolsFor(architecture, host).map(({ name, debianPackage }) => `${name} of ${debianPackage}`);

describe('the tools for an architecture', () => {
  it("are the machine's own for its own, and for one that is not known", () => {
    const own = ['make', 'gcc', 'as', 'ld', 'objcopy'].map(
      (name) => `${name} of ${/^(make|gcc)$/.test(name) ? name : 'binutils'}`,
    );
    expect(names('arm64', 'arm64')).toEqual(own);
    expect(names('toaster', 'x64')).toEqual(own);
  });

  it.each([
    ['arm64', 'x64', 'aarch64-linux-gnu-', 'aarch64-linux-gnu'],
    ['arm', 'arm64', 'arm-linux-gnueabihf-', 'arm-linux-gnueabihf'],
    ['x86_64', 'arm64', 'x86_64-linux-gnu-', 'x86-64-linux-gnu'],
  ])('are cross tools for %s on %s', (architecture, host, prefix, suffix) => {
    expect(names(architecture, host)).toEqual([
      'make of make',
      `${prefix}gcc of gcc-${suffix}`,
      `${prefix}as of binutils-${suffix}`,
      `${prefix}ld of binutils-${suffix}`,
      `${prefix}objcopy of binutils-${suffix}`,
    ]);
  });
});

describe('the toolchain', () => {
  it('has another identity for each architecture, and names the compiler', async () => {
    const toolchain = new Toolchain();
    const identities = await Promise.all(
      ['x86_64', 'arm64', 'arm'].map((architecture) => toolchain.identity(architecture)),
    );
    expect(new Set(identities).size).toBe(3);
    toolchain.require('arm64');
    expect(await toolchain.compiler('arm64')).toMatch(/^gcc \d+/);
  });

  describe('of programs that say what they are', () => {
    let folder: string;
    const install = async (name: string, version: string): Promise<void> => {
      const text = `#!/bin/sh\necho 'gcc version ${version}' >&2\n`;
      // Replaced as a package does it, not written over.
      await writeFile(join(folder, `${name}.new`), text, { mode: 0o755 });
      await rename(join(folder, `${name}.new`), join(folder, name));
    };

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'unicore-toolchain-'));
      for (const architecture of ['x86_64', 'arm64', 'arm']) {
        for (const { name } of toolsFor(architecture)) await install(name, '1.0');
      }
    });
    afterEach(() => rm(folder, { recursive: true }));

    it.each(['gcc', 'as', 'ld', 'objcopy'])(
      'changes for one architecture with its own %s, and so do the inputs of its images',
      async (tool) => {
        const toolchain = new Toolchain({ searchPath: folder });
        const cache = await BuildCache.open({
          directory: join(folder, 'answers'),
          toolchain,
          images: {} as ImageStore,
          logger: recordingLogger(),
        });
        const hashes = async (): Promise<Record<string, string>> => {
          const targets = ['kvm-x86_64', 'kvm-arm64', 'kvm-arm'] as const;
          const configuration = { poolsHash: 'a', source: null, app: 'b', config: 'c' };
          const entries = targets.map(async (target) => {
            const unused = { choices: '', libraries: [], warnings: [] };
            return [
              target,
              await cache.inputsHash({ ...configuration, ...unused, target }),
            ] as const;
          });
          return Object.fromEntries(await Promise.all(entries));
        };
        const before = await hashes();
        expect(await hashes()).toEqual(before);
        const name = toolsFor('arm').find((each) => each.name.endsWith(tool))?.name ?? '';
        await install(name, '1.1');
        const after = await hashes();
        expect(after['kvm-arm']).not.toBe(before['kvm-arm']);
        expect({ ...after, 'kvm-arm': '' }).toEqual({ ...before, 'kvm-arm': '' });
        if (tool === 'gcc') expect(await toolchain.compiler('arm')).toBe('gcc 1.1');
        // It goes by what they say, not by when they came.
        await install(name, '1.0');
        expect(await hashes()).toEqual(before);
      },
    );

    it('is not looked at again while it is taken to hold', async () => {
      const toolchain = new Toolchain({ searchPath: folder, identityMilliseconds: 60_000 });
      const [arm, x86] = [await toolchain.identity('arm'), await toolchain.identity('x86_64')];
      expect(arm).not.toBe(x86);
      await install(toolsFor('arm')[1]?.name ?? '', '1.1');
      expect(await toolchain.identity('arm')).toBe(arm);
      expect(await toolchain.compiler('arm')).toBe('gcc 1.1');
      const looks = new Toolchain({ searchPath: folder });
      expect(await looks.identity('arm')).not.toBe(arm);
    });
  });

  it('names the package of a tool that is missing, and has an identity without it', async () => {
    const toolchain = new Toolchain({ searchPath: '/nowhere' });
    expect(await toolchain.identity('arm64')).toMatch(/^[0-9a-f]{64}$/);
    try {
      toolchain.require('arm64');
    } catch (error) {
      expect(isUnicoreError(error, 'TOOLCHAIN_MISSING')).toBe(true);
      expect(String(error)).toContain('apt-get install make');
      return;
    }
    throw new Error('the tools were found');
  });
});
