// SPDX-License-Identifier: BSD-3-Clause
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Application, Library } from '../ports.js';
import { isTarget, type Target } from '../target.js';
import { parseDeclarations, type SymbolDeclaration } from './kconfig-declarations.js';
import { parseDefconfig } from './defconfig.js';
import { SourceTree } from './source-tree.js';

/** The pools as they were when they were last looked at. */
export interface PoolsView {
  readonly directory: string;
  /** SHA-256 over all sources and build rules. */
  readonly contentHash: string;
  /** Sorted by pool and name. */
  readonly libraries: readonly Library[];
  /** Sorted by name. */
  readonly applications: readonly Application[];
  /** Sorted. */
  readonly targets: readonly Target[];
  /** Every `config` entry outside of the applications. */
  readonly declarations: readonly SymbolDeclaration[];
  /** The `config` entries of each application, by its name. */
  readonly applicationDeclarations: ReadonlyMap<string, readonly SymbolDeclaration[]>;
  /** Folders of libraries and of targets that have a Kconfig file, relative to the pools. */
  readonly libraryFolders: readonly string[];
  readonly platformFolders: readonly string[];
  readonly architectureFolders: readonly string[];
}

const FOLDER = /^(arch|plat|lib|ext|app)\/([a-z][a-z0-9_-]{0,63})\/Kconfig$/;
const SHARED = /^(Kconfig|support\/.*Kconfig[^/]*)$/;

/** The pools on disk. Asking again costs next to nothing while they do not change; files are read when they changed. */
export class Pools {
  readonly directory: string;
  readonly #tree: SourceTree;
  #view: PoolsView | null = null;

  constructor(directory: string) {
    this.directory = directory;
    this.#tree = new SourceTree(directory);
  }

  /** The pools as they are now; the same object as before if nothing changed. */
  async view(): Promise<PoolsView> {
    const { contentHash, files } = await this.#tree.snapshot();
    if (this.#view?.contentHash !== contentHash) {
      this.#view = readView(this.directory, contentHash, files);
    }
    return this.#view;
  }

  /** Lets go of the folders that it watches. */
  close(): void {
    this.#tree.close();
  }
}

function readView(directory: string, contentHash: string, files: readonly string[]): PoolsView {
  const declarations: SymbolDeclaration[] = [];
  const applicationDeclarations = new Map<string, readonly SymbolDeclaration[]>();
  const libraries: Library[] = [];
  const folders: Record<'arch' | 'plat' | 'lib' | 'ext' | 'app', string[]> = {
    arch: [],
    plat: [],
    lib: [],
    ext: [],
    app: [],
  };
  for (const file of files) {
    const [, pool, name] = FOLDER.exec(file) ?? [];
    if ((pool === undefined || name === undefined) && !SHARED.test(file)) continue;
    const entries = parseDeclarations(readFileSync(join(directory, file), 'utf8'));
    if (pool === undefined || name === undefined) {
      declarations.push(...entries);
      continue;
    }
    if (pool === 'app') {
      if (files.includes(`app/${name}/Makefile`)) applicationDeclarations.set(name, entries);
      continue;
    }
    folders[pool as Library['pool']].push(`${pool}/${name}`);
    declarations.push(...entries);
    libraries.push(libraryOf(pool as Library['pool'], name, entries));
  }
  const targets = targetsOf(folders.plat, declarations);
  return {
    directory,
    contentHash,
    libraries,
    applications: [...applicationDeclarations].map(([name, entries]) =>
      applicationOf(directory, name, entries, targets, files),
    ),
    targets,
    declarations,
    applicationDeclarations,
    libraryFolders: [...folders.lib, ...folders.ext].sort(),
    platformFolders: folders.plat,
    architectureFolders: folders.arch,
  };
}

function libraryOf(
  pool: Library['pool'],
  name: string,
  entries: readonly SymbolDeclaration[],
): Library {
  const prefix = { arch: 'ARCH_', plat: 'PLAT_', lib: 'LIB', ext: 'LIB' }[pool];
  const symbol = `${prefix}${upper(name)}`;
  return { name, pool, symbol, ...descriptionOf(name, symbol, entries) };
}

/** Prompt and help of the symbol itself, or, if it is not shown in the menu, of the first entry that is. */
function descriptionOf(
  name: string,
  symbol: string,
  entries: readonly SymbolDeclaration[],
): { readonly summary: string; readonly help: string } {
  const own = entries.find((entry) => entry.symbol === symbol);
  const shown = own?.prompt == null ? entries.find(({ prompt }) => prompt !== null) : own;
  const help = own?.help === undefined || own.help === '' ? (shown?.help ?? '') : own.help;
  return { summary: withoutName(name, shown?.prompt ?? ''), help };
}

/** Prompts are written as `libc: minimal C library`. */
function withoutName(name: string, prompt: string): string {
  return prompt.startsWith(`${name}: `) ? prompt.slice(name.length + 2) : prompt;
}

function applicationOf(
  directory: string,
  name: string,
  entries: readonly SymbolDeclaration[],
  targets: readonly Target[],
  files: readonly string[],
): Application {
  const symbol = `APP${upper(name)}`;
  const own = entries.find((entry) => entry.symbol === symbol);
  const help = own?.help ?? '';
  const defconfig = `app/${name}/defconfig`;
  const text = files.includes(defconfig) ? readFileSync(join(directory, defconfig), 'utf8') : '';
  return {
    name,
    summary: withoutName(name, own?.prompt ?? ''),
    help,
    targets,
    defaults: parseDefconfig(text),
  };
}

/** Each platform declares `TARGET_<PLATFORM>_<ARCHITECTURE>` for the architectures that it supports. */
function targetsOf(
  platforms: readonly string[],
  declarations: readonly SymbolDeclaration[],
): readonly Target[] {
  const targets = new Set<Target>();
  for (const folder of platforms) {
    const platform = folder.slice('plat/'.length);
    const prefix = `TARGET_${upper(platform)}_`;
    for (const { symbol } of declarations) {
      if (!symbol.startsWith(prefix)) continue;
      const target = `${platform}-${symbol.slice(prefix.length).toLowerCase()}`;
      if (isTarget(target)) targets.add(target);
    }
  }
  return [...targets].sort();
}

/** The symbol that chooses a target. */
export function targetSymbol(target: Target): string {
  return `TARGET_${upper(target)}`;
}

function upper(name: string): string {
  return name.toUpperCase().replaceAll('-', '_');
}
