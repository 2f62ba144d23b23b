// SPDX-License-Identifier: BSD-3-Clause
// Resolves configurations of a tree of 2,000 symbols and of the pools, in turns with `kconfig-conf --olddefconfig`.
// Run after `npm run build`: node bench/kconfig.ts [--output FILE] [--rounds N]
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type * as KconfigModule from '../src/build/kconfig/index.js';
import { publish, Samples } from './support/result.ts';

const compiled = new URL('../dist/build/kconfig/index.js', import.meta.url);
const { filesBelow, loadKconfig, readConfig, resolve, writeConfig } = (await import(
  compiled.href
)) as typeof KconfigModule;
const { values: options } = parseArgs({
  options: { output: { type: 'string' }, rounds: { type: 'string', default: '200' } },
});
const rounds = Number(options.rounds);
const folder = mkdtempSync(path.join(tmpdir(), 'kconfig-bench-'));

interface Tree {
  readonly name: string;
  readonly entry: string;
  readonly roots: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly config: string;
}

/** A tree of menus of 20 symbols, each of which depends on one before it or selects one behind it. */
function syntheticTree(symbols: number): Tree {
  const entry = path.join(folder, 'Kconfig');
  const lines = ['mainmenu "Synthetic"'];
  for (let index = 0; index < symbols; index++) {
    if (index % 20 === 0) lines.push(`menu "Menu ${index / 20}"`);
    lines.push(`config S${index}`);
    if (index % 10 === 9)
      lines.push(`\tint "Number ${index}"`, '\trange 1 100', `\tdefault ${index % 100}`);
    else lines.push(`\tbool "Symbol ${index}"`);
    if (index > 20) lines.push(`\tdepends on S${index - 20 - (index % 3)} || !S${index - 17}`);
    if (index % 10 !== 9 && index % 7 === 0)
      lines.push(`\tselect S${index + 21 + ((index + 21) % 10 === 9 ? 1 : 0)}`);
    lines.push('\thelp', '\t  One line of help.');
    if (index % 20 === 19) lines.push('endmenu');
  }
  writeFileSync(entry, `${lines.join('\n')}\n`);
  const config = Array.from({ length: symbols / 4 }, (_item, index) => `CONFIG_S${index * 4}=y`);
  return {
    name: `synthetic, ${symbols} symbols`,
    entry,
    roots: [folder],
    environment: {},
    config: `${config.join('\n')}\n`,
  };
}

function poolsTree(): Tree | null {
  const pools = path.resolve(import.meta.dirname, '../pools');
  if (!existsSync(path.join(pools, 'Kconfig'))) return null;
  const sources = path.join(folder, 'sources');
  mkdirSync(sources);
  for (const kind of ['plat', 'arch', 'lib']) {
    const lines = readdirSync(path.join(pools, kind))
      .filter((name) => existsSync(path.join(pools, kind, name, 'Kconfig')))
      .map((name) => `source "${pools}/${kind}/${name}/Kconfig"\n`);
    writeFileSync(path.join(sources, `${kind}.kconfig`), lines.join(''));
  }
  return {
    name: 'pools, helloworld',
    entry: path.join(pools, 'Kconfig'),
    roots: [pools, sources],
    environment: {
      UC_POOLS: pools,
      UC_APP: path.join(pools, 'app/helloworld'),
      UC_SOURCES: sources,
      UC_PLAT: 'kvm',
      UC_ARCH: 'x86_64',
    },
    config: 'CONFIG_TARGET_KVM_X86_64=y\n',
  };
}

const samples = new Samples();

async function compare(subject: Tree): Promise<void> {
  const { entry, roots, environment, config } = subject;
  const load = () =>
    loadKconfig({ entry, files: filesBelow(roots, path.dirname(entry)), environment });
  const tree = load();
  const file = path.join(folder, '.config');
  let output = '';
  for (let round = 0; round < rounds; round++) {
    await samples.time(`${subject.name}: resolve, tree in memory`, () => {
      output = writeConfig(resolve(tree, readConfig(tree, config).user));
    });
    await samples.time(`${subject.name}: read the tree`, load);
    writeFileSync(file, config);
    await samples.time(`${subject.name}: kconfig-conf --olddefconfig`, () => {
      const result = spawnSync('kconfig-conf', ['--olddefconfig', entry], {
        cwd: folder,
        env: { PATH: process.env.PATH, ...environment },
        stdio: 'ignore',
      });
      if (result.status !== 0) throw new Error('kconfig-conf failed');
    });
  }
  console.log(
    `${subject.name}: ${tree.symbols.length} symbols, ${tree.files.length} files, ${output.length} bytes`,
  );
}

try {
  for (const subject of [syntheticTree(2000), poolsTree()]) {
    if (subject !== null) await compare(subject);
  }
  publish('kconfig', [samples.table('Configurations')], [], options.output);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
