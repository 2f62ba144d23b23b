// SPDX-License-Identifier: BSD-3-Clause
/**
 * What a build costs: cold, with the libraries known, with one option changed, asked for again, for five targets; what resolving
 * costs; how large images are, and the least memory that they need.
 *
 *   node bench/build.ts [--output FILE] [--app NAME] [--rounds N] [--identical N]
 *
 * Needs `dist/` to be built, and what the pools need. `make` is the same build by hand, in turns with ours; ccache in the place of our
 * cache, and no bubblewrap where a build has it, are each measured in the same round. Debian has no other unikernels to compare with.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type * as BuildModule from '../src/build/index.js';
import type { BuildLayer, Logger, Target } from '../src/build/index.js';
import { ByHand } from './build/by-hand.ts';
import { EMPTY_CONFINED, runQuietly } from './build/confinement.ts';
import { leastMemoryKib, staticProgramBytes } from './build/footprint.ts';
import { publish, Samples, type Cell } from './support/result.ts';

const { values: options } = parseArgs({
  options: {
    output: { type: 'string' },
    app: { type: 'string', default: 'helloworld' },
    rounds: { type: 'string', default: '20' },
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

function open(confined = true): Promise<BuildLayer> {
  opened += 1;
  const home = join(directory, String(opened));
  return createBuildLayer({
    poolsDirectory: pools,
    stateDirectory: join(home, 'state'),
    cacheDirectory: join(home, 'cache'),
    // That builds are not confined is what was asked for.
    ...(confined ? { logger } : { logger: { ...logger, warn: quiet }, sandboxProgram: null }),
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

const byHand = new ByHand(pools, directory);
/** The application's choices, with one option of one library changed. */
const otherChoices = join(directory, 'other-choices');
writeFileSync(
  otherChoices,
  `${readFileSync(join(pools, 'app', app, 'defconfig'), 'utf8')}CONFIG_STACK_SIZE=32768\n`,
);

/** Building by hand: ours without a cache, with its cache, and with ccache in its place. */
async function byHandRound(round: number, target: Target): Promise<void> {
  const folder = `by-hand-${round}`;
  await samples.time('make by hand, cold, 1 target', () => byHand.make(folder, { app, target }));
  await samples.time('make by hand, nothing to do', () => byHand.make(folder, { app, target }));
  await samples.time('make by hand, one option changed', () =>
    byHand.make(folder, { app, target, choices: otherChoices }),
  );
  for (const kind of ['cache', 'ccache'] as const) {
    // In the same folder as the other application was: ccache looks at paths, too.
    const out = `${kind}-out-${round}`;
    const known = { [kind]: `${kind}-${round}` };
    byHand.make(out, { app: OTHER, target, ...known });
    byHand.remove(out);
    const name = kind === 'cache' ? 'its own cache' : 'ccache instead';
    await samples.time(`make by hand, libraries cached, ${name}`, () =>
      byHand.make(out, { app, target, ...known }),
    );
  }
  if (byHand.ccacheHits(`ccache-${round}`) === 0) throw new Error('ccache knew nothing');
}

/** One target by the daemon, with and without bubblewrap. */
async function confinedRound(confined: boolean, target: Target): Promise<void> {
  const layer = await open(confined);
  const how = confined ? '' : ', without bubblewrap';
  await samples.time(`build, cold, 1 target${how}`, () => build(layer, [target]));
  await samples.time(`build, one option changed${how}`, () =>
    build(layer, [target], { STACK_SIZE: '32768' }),
  );
  await samples.time(`build, libraries cached${how}`, () => build(layer, [target], {}, OTHER));
  await layer.close();
}

/** What an image takes, beside the smallest program of Linux that is as self-contained. */
async function imageRows(layer: BuildLayer): Promise<readonly Readonly<Record<string, Cell>>[]> {
  const rows: Record<string, Cell>[] = [];
  for (const { target, digest, bytes, configuration, ...image } of await layer.images.list()) {
    if (target === null || configuration?.includes('STACK_SIZE=32768') === true) continue;
    if (image.app !== app) continue;
    const { path } = await layer.images.get(digest);
    rows.push({
      image: target,
      bytes,
      'memory it says it needs, KiB': toKib(image.minimumMemoryBytes),
      'least memory to reach main, KiB': leastMemoryKib(target, path) ?? 'not measured here',
    });
  }
  const rival = 'static hello of the C library here (gcc -Os -static -s)';
  return [...rows, { image: rival, bytes: staticProgramBytes(directory) }];
}

function toKib(bytes: number | null): Cell {
  return bytes === null ? 'not told' : Math.ceil(bytes / 1024);
}

try {
  let layer = await open();
  const { targets } = await layer.catalogue.application(app);
  const target: Target = 'kvm-x86_64';
  const many = targets.slice(0, MANY);

  for (let round = 0; round < Number(options.rounds); round += 1) {
    await byHandRound(round, target);
    const turns = round % 2 === 0 ? [true, false] : [false, true];
    for (const confined of turns) await confinedRound(confined, target);
    await samples.time('bubblewrap around nothing', () => runQuietly(EMPTY_CONFINED));
    await samples.time('nothing', () => runQuietly(['true']));
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
  const images = await imageRows(layer);
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
