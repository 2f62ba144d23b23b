// SPDX-License-Identifier: BSD-3-Clause
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakePools, type FakePools } from '../../../test/support/fake-pools.js';
import { UnicoreError } from '../../errors/index.js';
import { parseDefconfig, Pools } from '../pools/index.js';
import type { Target } from '../target.js';
import { KconfigConfEngine } from './kconfig-conf-engine.js';
import type { KconfigExplainer } from './kconfig-engine.js';
import { PoolsConfigurator, type Configuration } from './pools-configurator.js';

describe('PoolsConfigurator with kconfig-conf', () => {
  let fake: FakePools;
  let directory: string;
  let configurator: PoolsConfigurator;
  let questions: number;

  beforeEach(async () => {
    fake = await fakePools();
    directory = join(fake.root, 'kconfig');
    await mkdir(directory);
    const conf = new KconfigConfEngine(directory);
    questions = 0;
    const none = (): never => {
      throw new Error('it only completes');
    };
    const engine: KconfigExplainer = {
      complete: (question, signal) => {
        questions += 1;
        return conf.complete(question, signal);
      },
      menu: none,
      explain: none,
      selections: none,
    };
    configurator = new PoolsConfigurator({
      pools: new Pools(fake.directory),
      engine,
      directory,
      sourceEngine: engine,
      sources: { stored: () => Promise.reject(new Error('no uploads here')) },
    });
  });
  afterEach(() => fake.remove());

  function resolve(
    symbols: Record<string, string> = {},
    target: Target = 'kvm-x86_64',
    app = 'hello',
  ): Promise<Configuration> {
    return configurator.resolve({ app, target, symbols });
  }

  async function refusal(promise: Promise<unknown>): Promise<UnicoreError> {
    const error = await promise.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UnicoreError);
    return error as UnicoreError;
  }

  it('completes the defaults in the scope of the target', async () => {
    const kvm = await resolve();
    const values = parseDefconfig(kvm.config);
    expect(values).toMatchObject({ STACK_SIZE: '16384', PLAT_KVM: 'y', OPTIMIZE_SIZE: 'y' });
    expect(values.PLAT_LINUXU).toBeUndefined();
    expect(kvm.libraries).toEqual(['x86_64', 'libc', 'kvm']);
    expect(kvm.warnings).toEqual([]);
    expect((await resolve({}, 'linuxu-x86_64')).libraries).toEqual(['x86_64', 'libc', 'linuxu']);
  });

  it('takes symbols of every type', async () => {
    const asked = {
      LIBALLOC: 'y',
      LIBALLOC_BUDDY: 'y',
      LIBALLOC_BUDDY_ORDER: '0xA',
      STACK_SIZE: '32768',
      APPHELLO_GREETING: `it's "so" \\ and; so & <on>`,
    };
    const { config, warnings, libraries } = await resolve(asked);
    expect(warnings).toEqual([]);
    expect(parseDefconfig(config)).toMatchObject({ ...asked, LIBALLOC_BUDDY_ORDER: '0xA' });
    expect(libraries).toContain('alloc_buddy');
  });

  it('takes another member of a choice', async () => {
    const { config, warnings } = await resolve({ OPTIMIZE_SPEED: 'y' });
    expect(parseDefconfig(config)).toMatchObject({ OPTIMIZE_SPEED: 'y', OPTIMIZE_SIZE: 'n' });
    expect(warnings).toEqual([]);
  });

  it('names what a symbol needs that was asked for and cannot be had', async () => {
    const { warnings } = await resolve({ LIBALLOC_BUDDY: 'y', OPTIMIZE_SPEED: 'y' });
    expect(warnings).toEqual([
      {
        symbol: 'LIBALLOC_BUDDY',
        needs: 'LIBALLOC && (!OPTIMIZE_SPEED || LIBLIBC_FLOAT)',
        message: expect.stringContaining('it needs LIBALLOC') as string,
      },
    ]);
    expect((await resolve({ LIBALLOC_BUDDY_ORDER: '0x2', LIBALLOC: 'y' })).warnings).toMatchObject([
      { symbol: 'LIBALLOC_BUDDY_ORDER', needs: 'LIBALLOC_BUDDY' },
    ]);
  });

  it('names who selects a symbol that was to be off', async () => {
    const { warnings } = await resolve({ LIBLIBC: 'n' });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatchObject({ symbol: 'LIBLIBC', needs: null });
    expect(warnings[0]?.message).toContain('APPHELLO selects it');
  });

  it('says of a symbol without a prompt that it cannot be set', async () => {
    const { warnings } = await resolve({ PLAT_LINUXU: 'y' });
    expect(warnings[0]?.message).toContain('cannot be set by a user');
  });

  it('hands on what kconfig-conf warns of', async () => {
    const { warnings } = await resolve({ LIBODD: 'y' });
    expect(warnings).toMatchObject([
      { symbol: 'LIBALLOC_BUDDY', needs: expect.stringContaining('LIBALLOC') as string },
    ]);
  });

  it('refuses unknown symbols, and suggests what was meant', async () => {
    const error = await refusal(resolve({ ALLOC_BUDDY: 'y', NOPE: 'y', 'A=y\nCONFIG_B': 'y' }));
    expect(error.code).toBe('UNKNOWN_SYMBOL');
    expect(error.message).toContain('Did you mean LIBALLOC_BUDDY');
    expect(error.errors).toHaveLength(3);
    const prefixed = await refusal(resolve({ CONFIG_LIBALLOC: 'y' }));
    expect(prefixed.message).toContain('leave out the prefix');
  });

  it.each([
    ['LIBALLOC', 'yes'],
    ['LIBALLOC', 'm'],
    ['STACK_SIZE', '12k'],
    ['STACK_SIZE', '1'],
    ['STACK_SIZE', '99999999999'],
    ['STACK_SIZE', ''],
    ['LIBALLOC_BUDDY_ORDER', '10'],
    ['LIBALLOC_BUDDY_ORDER', '0x11'],
    ['APPHELLO_GREETING', 'a\nCONFIG_LIBODD=y'],
    ['APPHELLO_GREETING', '$(shell id)'],
    ['APPHELLO_GREETING', '`id`'],
    ['APPHELLO_GREETING', 'x'.repeat(1_025)],
    ['TARGET_LINUXU_X86_64', 'y'],
  ])('refuses %s=%j', async (symbol, value) => {
    const error = await refusal(resolve({ [symbol]: value }));
    expect(error.code).toBe('INVALID_SYMBOL_VALUE');
    expect(error.errors[0]?.path).toBe(`symbols.${symbol}`);
  });

  it('refuses unknown applications and targets', async () => {
    expect((await refusal(resolve({}, 'kvm-x86_64', '../hello'))).code).toBe('UNKNOWN_APP');
    const error = await refusal(resolve({}, 'kwm-x86_64'));
    expect(error.code).toBe('UNKNOWN_TARGET');
    expect(error.message).toContain('kvm-x86_64');
  });

  it('says what is wrong with a Kconfig tree that cannot be read', async () => {
    await fake.write('lib/libc/Kconfig', 'config LIBLIBC\n\tbool "libc\n\tnonsense here\nendif\n');
    const error = await refusal(resolve());
    expect(error.code).toBe('CONFIGURATION_FAILED');
    expect(error.message).toContain('lib/libc/Kconfig');
  });

  it('asks once for the same, also at the same time, until the pools change', async () => {
    const [one, two] = await Promise.all([resolve(), resolve()]);
    expect(one).toBe(two);
    expect(await resolve()).toBe(one);
    expect(questions).toBe(1);
    await fake.write('lib/libc/Kconfig', 'config LIBLIBC\n\tbool "libc: other"\n');
    expect((await resolve()).poolsHash).not.toBe(one.poolsHash);
    expect(questions).toBe(2);
  });

  it('leaves nothing behind', async () => {
    await resolve();
    await refusal(resolve({ NOPE: 'y' }));
    expect((await readdir(directory)).filter((name) => name.startsWith('resolve-'))).toEqual([]);
  });
});
