// SPDX-License-Identifier: BSD-3-Clause
// Resolves configurations of a tree of 2,000 symbols and of the pools, in turns with `kconfig-conf --olddefconfig`.
// Run after `npm run build`: node bench/kconfig.ts [--output FILE] [--rounds N]
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type * as KconfigModule from '../src/build/kconfig/index.js';
import { quantile } from './support/quantile.ts';

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

const rows: object[] = [];

function report(tree: string, what: string, samples: readonly number[]): void {
  const [medianMs, p99Ms] = [0.5, 0.99].map((q) => Math.round(quantile(samples, q) * 1000) / 1000);
  rows.push({ tree, what, rounds: samples.length, medianMs, p99Ms });
}

function measure(action: () => void): number {
  const begin = performance.now();
  action();
  return performance.now() - begin;
}

function compare(subject: Tree): void {
  const { entry, roots, environment, config } = subject;
  const load = () =>
    loadKconfig({ entry, files: filesBelow(roots, path.dirname(entry)), environment });
  const tree = load();
  const file = path.join(folder, '.config');
  const ours: number[] = [];
  const theirs: number[] = [];
  const parsing: number[] = [];
  let output = '';
  for (let round = 0; round < rounds; round++) {
    ours.push(
      measure(() => {
        output = writeConfig(resolve(tree, readConfig(tree, config).user));
      }),
    );
    parsing.push(measure(load));
    writeFileSync(file, config);
    theirs.push(
      measure(() => {
        const result = spawnSync('kconfig-conf', ['--olddefconfig', entry], {
          cwd: folder,
          env: { PATH: process.env.PATH, ...environment },
          stdio: 'ignore',
        });
        if (result.status !== 0) throw new Error('kconfig-conf failed');
      }),
    );
  }
  console.log(
    `${subject.name}: ${tree.symbols.length} symbols, ${tree.files.length} files, ${output.length} bytes`,
  );
  report(subject.name, 'resolve, tree in memory', ours);
  report(subject.name, 'read the tree', parsing);
  report(subject.name, 'kconfig-conf --olddefconfig', theirs);
}

try {
  for (const subject of [syntheticTree(2000), poolsTree()]) if (subject !== null) compare(subject);
  console.table(rows);
  if (options.output !== undefined) {
    writeFileSync(options.output, `${JSON.stringify({ benchmark: 'kconfig', rows }, null, 2)}\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
