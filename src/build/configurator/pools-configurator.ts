// SPDX-License-Identifier: BSD-3-Clause
import { join, relative } from 'node:path';
import { UnicoreError } from '../../errors/index.js';
import { LruMap } from '../lru-map.js';
import type { ConfigurationMenu, MenuEntry } from '../menu.js';
import {
  applicationIn,
  configLine,
  parseDefconfig,
  requireTarget,
  targetSymbol,
  type Pools,
  type PoolsView,
  type SymbolDeclaration,
} from '../pools/index.js';
import type {
  Configurator,
  ConfigurationRequest,
  ConfigurationWarning,
  LibraryGraph,
  ResolvedConfiguration,
  SourceDigest,
  SymbolExplanation,
} from '../ports.js';
import type { DirectorySourceStore } from '../sources/index.js';
import { parseTarget } from '../target.js';
import { compareWithRequest } from './explain.js';
import type { KconfigExplainer, KconfigQuestion } from './kconfig-engine.js';
import { sourceListsName, writeSourceLists } from './source-lists.js';
import { SymbolTable } from './symbol-table.js';
import { checkSymbols } from './symbol-values.js';

/** A configuration with what a build needs of it. */
export interface Configuration extends ResolvedConfiguration {
  /** What was chosen, not completed: lines of a `.config`, for the build rules to resolve. */
  readonly choices: string;
  /** The `contentHash` of the pools that it was resolved against. */
  readonly poolsHash: string;
  /** The application's own name. */
  readonly app: string;
  /** The upload that the application is, or null for one of the pools. */
  readonly source: SourceDigest | null;
}

export interface PoolsConfiguratorOptions {
  readonly pools: Pools;
  readonly engine: KconfigExplainer;
  /** Where applications are that were uploaded, and what evaluates their Kconfig files, where those can do no harm. */
  readonly sources: Pick<DirectorySourceStore, 'stored'>;
  readonly sourceEngine: KconfigExplainer;
  /** Where the lists of the pools' Kconfig files are kept. It must exist. */
  readonly directory: string;
}

interface ConfiguredApplication {
  /** Tells applications apart. */
  readonly key: string;
  readonly name: string;
  readonly directory: string;
  readonly defaults: Readonly<Record<string, string>>;
  readonly declarations: readonly SymbolDeclaration[];
}

const REMEMBERED_CONFIGURATIONS = 256;

/**
 * Resolves configurations against the pools: the application's defaults, then the request's symbols, in the scope of one
 * target. An answer is remembered until the pools change.
 */
export class PoolsConfigurator implements Configurator {
  readonly #pools: Pools;
  readonly #engine: KconfigExplainer;
  readonly #uploads: Pick<DirectorySourceStore, 'stored'>;
  readonly #sourceEngine: KconfigExplainer;
  readonly #directory: string;
  readonly #answers = new LruMap<string, Promise<Configuration>>(REMEMBERED_CONFIGURATIONS);
  readonly #sources = new LruMap<string, Promise<string>>(1);
  readonly #tables = new LruMap<string, SymbolTable>(16);

  constructor(options: PoolsConfiguratorOptions) {
    this.#pools = options.pools;
    this.#engine = options.engine;
    this.#uploads = options.sources;
    this.#sourceEngine = options.sourceEngine;
    this.#directory = options.directory;
  }

  async resolve(request: ConfigurationRequest): Promise<Configuration> {
    const view = await this.#pools.view();
    const key = JSON.stringify([
      view.contentHash,
      request.app,
      request.source ?? null,
      request.target,
      Object.entries(request.symbols).sort(([a], [b]) => (a < b ? -1 : 1)),
    ]);
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    const answer = this.#resolve(view, request);
    this.#answers.set(key, answer);
    // A failure is not remembered: it may be one of the machine, which passes.
    answer.catch(() => this.#answers.delete(key));
    return answer;
  }

  async explain(request: ConfigurationRequest, symbol: string): Promise<SymbolExplanation> {
    const { question, table, target } = await this.#question(await this.#pools.view(), request);
    if (table.get(symbol) === undefined) checkSymbols({ [symbol]: '' }, table);
    const explanation = await this.#engineOf(request).explain(question, symbol);
    if (explanation === null) {
      throw new UnicoreError('UNKNOWN_SYMBOL', `${target} has no symbol ${symbol}.`);
    }
    return { target, symbol, ...explanation };
  }

  async graph(request: ConfigurationRequest): Promise<LibraryGraph> {
    const view = await this.#pools.view();
    const { application, question, target } = await this.#question(view, request);
    const ownerOf = (file: string): string | null =>
      file.startsWith(`${application.directory}/`)
        ? `app/${application.name}`
        : (OWNER.exec(relative(view.directory, file))?.[1] ?? null);
    const folders = new Map(
      view.libraries.map(({ pool, name, symbol }) => [symbol, `${pool}/${name}`]),
    );
    const selections = await this.#engineOf(request).selections(question, [...folders.keys()]);
    const libraries = [...selections].map(([symbol, { why, selectors }]) => ({
      library: folders.get(symbol) ?? '',
      symbol,
      why,
      selectedBy: selectors.map((selector) => ({
        symbol: selector.symbol,
        library: ownerOf(selector.file),
      })),
    }));
    return { target, libraries };
  }

  async menu(request: ConfigurationRequest): Promise<ConfigurationMenu> {
    const { question, target } = await this.#question(await this.#pools.view(), request);
    const { entries, ...menu } = await this.#engineOf(request).menu(question);
    return { target, ...menu, entries: withoutTargets(entries) };
  }

  #engineOf({ source }: ConfigurationRequest): KconfigExplainer {
    return source === undefined ? this.#engine : this.#sourceEngine;
  }

  async #question(view: PoolsView, request: ConfigurationRequest) {
    const application = await this.#application(view, request);
    const { key, directory, defaults, declarations } = application;
    const target = requireTarget(view, request.target);
    const table = this.#tableOf(view, key, declarations);
    checkSymbols(request.symbols, table);

    const choices = choicesOf({ ...defaults, ...request.symbols }, targetSymbol(target), table);
    const { platform, architecture } = parseTarget(target) ?? { platform: '', architecture: '' };
    const question: KconfigQuestion = {
      root: join(view.directory, 'Kconfig'),
      environment: {
        UC_POOLS: view.directory,
        UC_APP: directory,
        UC_SOURCES: await this.#sourcesOf(view),
        UC_PLAT: platform,
        UC_ARCH: architecture,
      },
      config: choices,
    };
    return { application, question, table, target };
  }

  async #resolve(view: PoolsView, request: ConfigurationRequest): Promise<Configuration> {
    const { application, question, table, target } = await this.#question(view, request);
    const { name } = application;
    const choices = question.config;
    const { config, messages } = await this.#engineOf(request).complete(question);
    const resolved = parseDefconfig(config);
    const selected = view.libraries.filter(({ symbol }) => resolved[symbol] === 'y');
    return {
      target,
      config,
      choices,
      poolsHash: view.contentHash,
      app: name,
      source: request.source ?? null,
      libraries: selected.map((library) => library.name),
      warnings: [
        ...compareWithRequest(request.symbols, resolved, table),
        ...messages.map(warningOf),
      ],
    };
  }

  async #application(
    view: PoolsView,
    { app, source }: ConfigurationRequest,
  ): Promise<ConfiguredApplication> {
    if (source !== undefined) return { key: source, ...(await this.#uploads.stored(source)) };
    return {
      key: app,
      name: app,
      directory: join(view.directory, 'app', app),
      defaults: applicationIn(view, app).defaults,
      declarations: view.applicationDeclarations.get(app) ?? [],
    };
  }

  #tableOf(view: PoolsView, app: string, own: readonly SymbolDeclaration[]): SymbolTable {
    const key = `${view.contentHash} ${app}`;
    const known = this.#tables.get(key);
    if (known !== undefined) return known;
    const table = new SymbolTable([...view.declarations, ...own]);
    this.#tables.set(key, table);
    return table;
  }

  /** The folder with the lists of the pools' Kconfig files. */
  #sourcesOf(view: PoolsView): Promise<string> {
    const name = sourceListsName(view);
    const known = this.#sources.get(name);
    if (known !== undefined) return known;
    const written = writeSourceLists(view, this.#directory);
    this.#sources.set(name, written);
    written.catch(() => this.#sources.delete(name));
    return written;
  }
}

/** The folder that a Kconfig file of the pools belongs to. */
const OWNER = /^((?:arch|plat|lib|ext|app)\/[^/]+)\/Kconfig/;

/** Another target is another menu: it is asked for, not set. */
function withoutTargets(entries: readonly MenuEntry[]): readonly MenuEntry[] {
  return entries
    .filter(({ symbol }) => symbol?.startsWith('TARGET_') !== true)
    .map((entry) => ({ ...entry, entries: withoutTargets(entry.entries) }));
}

function choicesOf(
  values: Readonly<Record<string, string>>,
  target: string,
  table: SymbolTable,
): string {
  const lines = Object.entries(values)
    .filter(([symbol]) => !symbol.startsWith('TARGET_'))
    .map(([symbol, value]) => configLine(symbol, value, table.get(symbol)?.type === 'string'));
  return `${lines.join('')}CONFIG_${target}=y\n`;
}

const UNMET_SELECT = /selects ([A-Za-z0-9_]+) which has unmet direct dependencies \((.*)\)/;
const NAMED_SYMBOL = /\b(?:for|symbol) ([A-Z0-9_]+)\b/;

/** A message of the Kconfig engine as a warning of ours. */
function warningOf(message: string): ConfigurationWarning {
  const [, selected, needs] = UNMET_SELECT.exec(message) ?? [];
  if (selected !== undefined) return { symbol: selected, needs: needs ?? null, message };
  return { symbol: NAMED_SYMBOL.exec(message)?.[1] ?? '', needs: null, message };
}
