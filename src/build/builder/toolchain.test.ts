// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, it } from 'vitest';
import { isUnicoreError } from '../../errors/index.js';
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

  it('names the package of a tool that is missing, and has an identity without it', async () => {
    const toolchain = new Toolchain('/nowhere');
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
