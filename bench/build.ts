// SPDX-License-Identifier: BSD-3-Clause
/**
 * What a build costs: cold, with the libraries known, with one option changed, asked for again, for five targets; what resolving
 * costs; how large images are, and the least memory that they need.
 *
 *   node bench/build.ts [--output FILE] [--app NAME] [--rounds N] [--identical N]
 *
 * Needs `dist/` to be built, and what the pools need. `make` is the same build by hand, in turns with ours.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type * as BuildModule from '../src/build/index.js';
import type { BuildLayer, Logger, Target } from '../src/build/index.js';
import { publish, Samples } from './support/result.ts';

const { values: options } = parseArgs({
  options: {
    output: { type: 'string' },
    app: { type: 'string', default: 'helloworld' },
    rounds: { type: 'string', default: '5' },
    identical: { type: 'string', default: '200' },
  },
});
const root = fileURLToPath(new URL('..', import.meta.url));
const pools = join(root, 'pools');
const { app } = options;
const { createBuildLayer } = (await import(
  new URL('../dist/build/index.js', import.meta.url).href
)) as typeof BuildModule;

const samples = new Samples();

const quiet = (): void => undefined;
const logger: Logger = {
  debug: quiet,
  info: quiet,
  warn: (_fields, message) => console.error(message),
  error: (_fields, message) => console.error(message),
};
const directory = mkdtempSync(join(tmpdir(), 'unicore-bench-'));
let opened = 0;

function open(): Promise<BuildLayer> {
  opened += 1;
  const home = join(directory, String(opened));
  return createBuildLayer({
    poolsDirectory: pools,
    stateDirectory: join(home, 'state'),
    cacheDirectory: join(home, 'cache'),
    logger,
  });
}

async function build(
  layer: BuildLayer,
  targets: readonly Target[],
  symbols: Readonly<Record<string, string>> = {},
  name: string = app,
): Promise<void> {
  const { id } = await layer.builder.submit({ app: name, targets, symbols });
  const { phase, targets: results } = await layer.builder.wait(id);
  if (phase !== 'succeeded') throw new Error(results.map(({ error }) => error?.message).join('\n'));
}

/** An application that shares its libraries with the one that is measured. */
const OTHER = 'exitcode';
const MANY = 5;

function makeByHand(
  folder: string,
  target: Target,
  { name = app, cache = '' }: { readonly name?: string; readonly cache?: string } = {},
): Promise<void> {
  const args = [
    '-s',
    '-C',
    join(pools, 'app', name),
    `O=${join(directory, folder)}`,
    `TARGETS=${target}`,
    `UC_CACHE=${cache === '' ? '' : join(directory, cache)}`,
    `-j${availableParallelism()}`,
  ];
  execFileSync('make', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  return Promise.resolve();
}

try {
  let layer = await open();
  const { targets } = await layer.catalogue.application(app);
  const target: Target = 'kvm-x86_64';
  const many = targets.slice(0, MANY);

  for (let round = 0; round < Number(options.rounds); round += 1) {
    await layer.close();
    layer = await open();
    const fresh = layer;
    const folder = `by-hand-${round}`;
    const cache = `objects-${round}`;
    await samples.time('make by hand, cold, 1 target', () => makeByHand(folder, target));
    await samples.time('make by hand, nothing to do', () => makeByHand(folder, target));
    await makeByHand(`other-${round}`, target, { name: OTHER, cache });
    await samples.time('make by hand, libraries cached', () =>
      makeByHand(`cached-${round}`, target, { cache }),
    );
    await samples.time('build, cold, 1 target', () => build(fresh, [target]));
    await samples.time('build, one option changed', () =>
      build(fresh, [target], { STACK_SIZE: '32768' }),
    );
    await samples.time('build, libraries cached', () => build(fresh, [target], {}, OTHER));
    await layer.close();
    layer = await open();
    const again = layer;
    await samples.time(`build, cold, ${many.length} targets`, () => build(again, many));
    await samples.time(`build, one option changed, ${many.length} targets`, () =>
      build(again, many, { STACK_SIZE: '32768' }),
    );
  }
  const { imageSource, configurator } = layer;
  for (let round = 0; round < Number(options.identical); round += 1) {
    const request = { app, target, symbols: {} };
    await samples.time('identical build, with its record', () => build(layer, [target]));
    await samples.time('identical image (imageFor)', () => imageSource.imageFor(request));
    const symbols = { STACK_SIZE: String(8_192 + round) };
    await samples.time('resolve, not asked before', () =>
      configurator.resolve({ ...request, symbols }),
    );
    await samples.time('resolve, asked before', () =>
      configurator.resolve({ ...request, symbols }),
    );
  }
  await build(layer, targets);
  const images = (await layer.images.list())
    .filter(({ target: name, configuration }) => {
      return name !== null && configuration?.includes('STACK_SIZE=32768') !== true;
    })
    .map(({ target: name, bytes, minimumMemoryBytes }) => ({
      target: name ?? '',
      bytes,
      'least memory, bytes': minimumMemoryBytes ?? 'not told',
    }));
  await layer.close();

  publish(
    'build',
    [samples.table(`Builds of ${app}`), { title: 'Images', rows: images }],
    [],
    options.output,
  );
} finally {
  rmSync(directory, { recursive: true, force: true });
}
