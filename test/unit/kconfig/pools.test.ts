// SPDX-License-Identifier: BSD-3-Clause
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KconfigEngine } from '../../../src/build/configurator/index.js';
import { KconfigConfEngine } from '../../../src/build/configurator/kconfig-conf-engine.js';
import {
  filesBelow,
  InProcessKconfigEngine,
  loadKconfig,
  type KconfigTree,
} from '../../../src/build/kconfig/index.js';
import { engineOutput, type Mode, MODES, runOracle } from './oracle.js';
import { Random } from './random-tree.js';

const POOLS = path.resolve(import.meta.dirname, '../../../pools');
const ENTRY = path.join(POOLS, 'Kconfig');
const RANDOM_CONFIGURATIONS = 10;

/** Folders of the pools' kind that have a Kconfig file, and targets that platforms and architectures make. */
const folders = (kind: string): readonly string[] =>
  readdirSync(path.join(POOLS, kind)).filter((name) =>
    existsSync(path.join(POOLS, kind, name, 'Kconfig')),
  );

describe("the pools' tree", () => {
  let folder: string;
  let sources: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'kconfig-pools-'));
    sources = path.join(folder, 'sources');
    await mkdir(sources);
    for (const kind of ['plat', 'arch', 'lib']) {
      const lines = folders(kind).map((name) => `source "${POOLS}/${kind}/${name}/Kconfig"\n`);
      await writeFile(path.join(sources, `${kind}.kconfig`), lines.join(''));
    }
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const environmentOf = (app: string, platform: string, architecture: string) => ({
    UC_POOLS: POOLS,
    UC_APP: path.join(POOLS, 'app', app),
    UC_SOURCES: sources,
    UC_PLAT: platform,
    UC_ARCH: architecture,
  });

  const load = (environment: Readonly<Record<string, string>>): KconfigTree =>
    loadKconfig({ entry: ENTRY, files: filesBelow([POOLS, sources], POOLS), environment });

  const scopes = folders('app').flatMap((app) => [
    { app, platform: '', architecture: '' },
    ...folders('plat').flatMap((platform) =>
      folders('arch').map((architecture) => ({ app, platform, architecture })),
    ),
  ]);

  const oracle = async (
    mode: Mode,
    config: string | null,
    environment: Readonly<Record<string, string>>,
  ): Promise<string> => {
    const output = mode === 'savedefconfig' ? 'minimal' : '.config';
    await rm(path.join(folder, '.config'), { force: true });
    if (config !== null) {
      await writeFile(path.join(folder, mode === 'defconfig' ? 'input' : '.config'), config);
    }
    const result = await runOracle(folder, mode, environment, ENTRY);
    expect(result.code, result.stderr).toBe(0);
    return mode === 'listnewconfig'
      ? result.stdout.replace(/^(?!CONFIG_).*\n/gm, '')
      : await readFile(path.join(folder, output), 'utf8');
  };

  it('is found', () => {
    expect(scopes.length).toBeGreaterThan(1);
  });

  it.each(scopes)(
    'is resolved as kconfig-conf does for $app, $platform-$architecture',
    { timeout: 60_000 },
    async ({ app, platform, architecture }) => {
      const environment = environmentOf(app, platform, architecture);
      const tree = load(environment);
      const random = new Random(7);
      const defconfig = path.join(POOLS, 'app', app, 'defconfig');
      const configs = [
        null,
        ...(existsSync(defconfig) ? [readFileSync(defconfig, 'utf8')] : []),
        ...Array.from({ length: RANDOM_CONFIGURATIONS }, () => randomConfig(tree, random)),
      ];
      for (const mode of MODES) {
        for (const config of configs) {
          if (config === null && mode === 'defconfig') continue;
          const expected = await oracle(mode, config, environment);
          expect(engineOutput(tree, mode, config).output, `${mode}\n${config ?? ''}`).toBe(
            expected,
          );
        }
      }
    },
  );

  it('comes out of the engine for the configurator as it does of kconfig-conf', async () => {
    const engine: KconfigEngine = new InProcessKconfigEngine(({ environment }) =>
      [environment.UC_APP, environment.UC_SOURCES].filter((root) => root !== undefined),
    );
    const conf = new KconfigConfEngine(folder);
    for (const { app, platform, architecture } of scopes) {
      const environment = environmentOf(app, platform, architecture);
      const question = { root: ENTRY, environment, config: 'CONFIG_WERROR=n\n' };
      expect((await engine.complete(question)).config).toBe((await conf.complete(question)).config);
    }
  });
});

/** Sets some of the tree's symbols that have prompts. Numbers are taken from their ranges' ends. */
function randomConfig(tree: KconfigTree, random: Random): string {
  const lines: string[] = [];
  for (const symbol of tree.symbols) {
    if (symbol.kind !== 'config' || symbol.prompts.length === 0 || !random.chance(0.5)) continue;
    const name = `CONFIG_${symbol.name}`;
    const range = symbol.ranges[0];
    if (symbol.type === 'bool')
      lines.push(random.chance(0.6) ? `${name}=y` : `# ${name} is not set`);
    else if (symbol.type === 'string') lines.push(`${name}="some ${random.below(9)} text"`);
    else if (range?.high.kind === 'config' && !range.high.isDefined) {
      lines.push(`${name}=${random.chance(0.5) ? range.high.name : range.low.name}`);
    }
  }
  return `${lines.join('\n')}\n`;
}
