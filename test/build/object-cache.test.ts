// SPDX-License-Identifier: BSD-3-Clause
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBuildLayer, type BuildLayer, type Target } from '../../src/build/index.js';
import { copyPools, make, POOLS } from '../pools/build.js';
import { recordingLogger } from '../support/logger.js';

describe('objects that the daemon has compiled', () => {
  let root: string;
  let layer: BuildLayer;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'unicore-objects-'));
    layer = await open('first');
    await compiledFor('helloworld', 'linuxu-x86_64');
  });
  afterAll(async () => {
    await layer.close();
    await rm(root, { recursive: true, force: true });
  });

  const open = (name: string): Promise<BuildLayer> =>
    createBuildLayer({
      poolsDirectory: POOLS,
      stateDirectory: join(root, name, 'state'),
      cacheDirectory: join(root, name, 'cache'),
      logger: recordingLogger(),
    });

  /** Builds, and gives the sources that were compiled for it. */
  async function compiledFor(
    app: string,
    target: Target,
    symbols: Record<string, string> = {},
  ): Promise<readonly string[]> {
    const { id } = await layer.builder.submit({ app, targets: [target], symbols });
    const { targets } = await layer.builder.wait(id);
    expect(targets.map(({ error, cached }) => ({ error, cached }))).toEqual([
      { error: null, cached: false },
    ]);
    let log = '';
    for await (const { text } of layer.builder.log(id, 0)) log += text;
    return [...log.matchAll(/^ {2}CC +\S+ (\S+)$/gm)].map(([, source]) => source ?? '').sort();
  }

  it('are not compiled again for another configuration, unless they use what is different', async () => {
    const symbols = { LINUXU_MEMORY: '8' };
    expect(await compiledFor('helloworld', 'linuxu-x86_64', symbols)).toEqual([
      'plat/linuxu/memory.c',
    ]);
    const greeting = { APPHELLOWORLD_GREETING: 'Good morning' };
    expect(await compiledFor('helloworld', 'linuxu-x86_64', greeting)).toEqual([
      'app/helloworld/main.c',
    ]);
  });

  it('are not compiled again for another application', async () => {
    expect(await compiledFor('exitcode', 'linuxu-x86_64')).toEqual([
      'app/exitcode/main.c',
      'lib/boot/boot.c',
    ]);
  });

  it('make the image that is made without them, by hand and by a daemon', async () => {
    const symbols = { LINUXU_MEMORY: '16', STACK_SIZE: '32768' };
    const request = { app: 'helloworld', target: 'linuxu-x86_64', symbols } as const;
    const cached = await layer.imageSource.imageFor(request);

    const pools = join(root, 'elsewhere', 'pools');
    await copyPools(pools);
    const out = join(root, 'by-hand');
    const config = ['TARGET_LINUXU_X86_64=y', 'LINUXU_MEMORY=16', 'STACK_SIZE=32768'];
    const byHand = await make({
      app: join(pools, 'app/helloworld'),
      out,
      config: config.map((line) => `CONFIG_${line}`),
    });
    expect(byHand.stderr).toBe('');
    const bytes = await readFile(join(out, 'helloworld_linuxu-x86_64'));
    expect(bytes.equals(await readFile(cached.path))).toBe(true);

    const other = await open('a-longer-name-for-another');
    try {
      const { manifest } = await other.imageSource.imageFor(request);
      expect(manifest.digest).toBe(cached.manifest.digest);
    } finally {
      await other.close();
    }
  });
});
