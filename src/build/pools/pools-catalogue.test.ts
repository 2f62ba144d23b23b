// SPDX-License-Identifier: BSD-3-Clause
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakePools, type FakePools } from '../../../test/support/fake-pools.js';
import { isUnicoreError } from '../../errors/index.js';
import { PoolsCatalogue } from './pools-catalogue.js';
import { Pools } from './pools.js';

describe('PoolsCatalogue', () => {
  let fake: FakePools;
  let pools: Pools;
  let catalogue: PoolsCatalogue;

  beforeEach(async () => {
    fake = await fakePools();
    pools = new Pools(fake.directory);
    catalogue = new PoolsCatalogue(pools);
  });
  afterEach(() => {
    pools.close();
    return fake.remove();
  });

  it('describes libraries of all pools', async () => {
    const names = (await catalogue.libraries()).map(({ pool, name }) => `${pool}/${name}`);
    expect(names).toEqual([
      'arch/x86_64',
      'lib/alloc',
      'lib/alloc_buddy',
      'lib/libc',
      'lib/odd',
      'plat/kvm',
      'plat/linuxu',
    ]);
    expect(await catalogue.library('libc')).toEqual({
      name: 'libc',
      pool: 'lib',
      symbol: 'LIBLIBC',
      summary: 'minimal C library',
      help: 'Strings and numbers.\n\nAnd more.',
    });
    expect(await catalogue.library('kvm')).toMatchObject({
      symbol: 'PLAT_KVM',
      summary: 'kvm-x86_64: for tests',
      help: 'Not a platform.',
    });
  });

  it('describes applications with their targets and defaults', async () => {
    expect(await catalogue.application('hello')).toEqual({
      name: 'hello',
      summary: 'for tests',
      help: 'Says hello.',
      targets: ['kvm-x86_64', 'linuxu-x86_64'],
      defaults: { TARGET_KVM_X86_64: 'y', STACK_SIZE: '16384' },
    });
  });

  it('suggests what was meant', async () => {
    const unknownApp = await catalogue.application('helo').catch((error: unknown) => error);
    expect(isUnicoreError(unknownApp, 'UNKNOWN_APP')).toBe(true);
    expect(String(unknownApp)).toContain('Did you mean hello?');
    const unknownLibrary = await catalogue.library('../libc').catch((error: unknown) => error);
    expect(isUnicoreError(unknownLibrary, 'UNKNOWN_LIBRARY')).toBe(true);
  });

  it('sees changes, and gives the same answer while nothing changes', async () => {
    const before = await pools.view();
    expect(await pools.view()).toBe(before);
    await fake.write('lib/new/Kconfig', 'config LIBNEW\n\tbool "new: fresh"\n');
    expect((await catalogue.library('new')).summary).toBe('fresh');
    expect((await pools.view()).contentHash).not.toBe(before.contentHash);
    await rm(join(fake.directory, 'lib/new'), { recursive: true });
    expect((await pools.view()).contentHash).toBe(before.contentHash);
  });

  it('does not count what builds write as a change', async () => {
    const before = await pools.view();
    await fake.write('app/hello/build/hello_kvm-x86_64', 'an image');
    await fake.write('app/hello/.config', 'CONFIG_X=y');
    expect(await pools.view()).toBe(before);
  });

  it('leaves out a folder that is no application', async () => {
    await fake.write('app/nomakefile/Kconfig', 'config X\n');
    const names = (await catalogue.applications()).map(({ name }) => name);
    expect(names).toContain('hello');
    expect(names).not.toContain('nomakefile');
  });
});
