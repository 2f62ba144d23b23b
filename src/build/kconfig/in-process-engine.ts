// SPDX-License-Identifier: BSD-3-Clause
import path from 'node:path';
import type { SymbolExplanation } from '../ports.js';
import type { ConfigurationMenu } from '../menu.js';
import { resolve, resolveForSaving } from './configure.js';
import { activeSelectors, explain, unmetWarning } from './explain.js';
import { formatPosition, formatWarning, type Position } from './kconfig-error.js';
import { menuEntries } from './menu-entries.js';
import { readConfig } from './read-config.js';
import { suggest } from './suggest.js';
import { TreeCache } from './tree-cache.js';
import { writeConfig, writeMinimal } from './write-config.js';

/** A Kconfig tree and the lines of a `.config` to complete in it. */
export interface CompletionQuestion {
  /** Absolute path of the root Kconfig file. */
  readonly root: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly config: string;
}

export interface Completion {
  /** The whole `.config`. */
  readonly config: string;
  /** Warnings, one each. */
  readonly messages: readonly string[];
}

/** An explanation, without what was asked. */
export type EngineExplanation = Omit<SymbolExplanation, 'target' | 'symbol'>;

/** A menu, without what was asked. */
export type EngineMenu = Omit<ConfigurationMenu, 'target'>;

/** Why a symbol is on. */
export interface EngineSelection {
  readonly why: 'chosen' | 'selected' | 'default';
  /** The symbols that force it, each with the file that defines it. */
  readonly selectors: readonly { readonly symbol: string; readonly file: string }[];
}

/**
 * Completes configurations within this process, as `kconfig-conf --olddefconfig` does. It has the shape of the
 * configurator's `KconfigEngine`. Kconfig files are read from the folder of the root file and from `roots`.
 */
export class InProcessKconfigEngine {
  private readonly trees = new TreeCache();

  /** @param rootsOf further folders that Kconfig files may be read from, such as that of an application outside of the pools */
  constructor(
    private readonly rootsOf: (question: CompletionQuestion) => readonly string[] = () => [],
  ) {}

  /** Why a symbol has its value, and what would turn it on; null if the tree does not define it. */
  explain(question: CompletionQuestion, name: string): Promise<EngineExplanation | null> {
    return this.evaluated(question, ({ evaluation, roots }) => {
      const symbol = evaluation.tree.find(name);
      if (symbol?.isDefined !== true) return null;
      const { value, reasons, unmet } = explain(evaluation, symbol);
      const changes = suggest(evaluation, symbol);
      return {
        value,
        unmet,
        reasons: reasons.map(({ kind, text, position }) => {
          return { kind, text, position: position === null ? null : placeIn(roots, position) };
        }),
        turnOn:
          changes?.map((change) => ({ symbol: change.symbol.name, value: change.value })) ?? null,
      };
    });
  }

  /** Why each of these symbols is on. Those that are off, or that the tree does not define, are left out. */
  selections(
    question: CompletionQuestion,
    names: readonly string[],
  ): Promise<ReadonlyMap<string, EngineSelection>> {
    return this.evaluated(question, ({ evaluation }) => {
      const found = new Map<string, EngineSelection>();
      for (const name of names) {
        const symbol = evaluation.tree.find(name);
        if (symbol === undefined || evaluation.text(symbol) !== 'y') continue;
        const selectors = activeSelectors(evaluation, symbol);
        const why = evaluation.user.has(symbol) ? 'chosen' : 'default';
        found.set(name, {
          why: selectors.length > 0 ? 'selected' : why,
          selectors: selectors.map((selector) => ({
            symbol: selector.name,
            file: selector.nodes[0]?.position.file ?? '',
          })),
        });
      }
      return found;
    });
  }

  /** The menu with the values as they are. */
  menu(question: CompletionQuestion): Promise<EngineMenu> {
    return this.evaluated(question, ({ evaluation, given }) => {
      const { tree } = evaluation;
      return {
        title: tree.title,
        entries: menuEntries(evaluation, tree.root),
        defconfig: writeMinimal(resolveForSaving(tree, given)),
      };
    });
  }

  /** What differs from the defaults, as `kconfig-conf --savedefconfig` writes it. */
  minimal(question: CompletionQuestion): string {
    const { evaluation, given } = this.evaluate(question);
    return writeMinimal(resolveForSaving(evaluation.tree, given));
  }

  /** @throws CONFIGURATION_FAILED with file and line; the signal's reason if it has fired */
  complete(question: CompletionQuestion, signal?: AbortSignal): Promise<Completion> {
    return this.evaluated(question, ({ evaluation, warnings }) => {
      signal?.throwIfAborted();
      const { tree } = evaluation;
      return {
        config: writeConfig(evaluation),
        messages: [
          ...[...tree.warnings, ...warnings].map(formatWarning),
          ...evaluation.unmetSelections.map((symbol) => `warning: ${unmetWarning(symbol)}`),
        ],
      };
    });
  }

  /** Errors reject the promise. */
  private evaluated<T>(
    question: CompletionQuestion,
    answer: (evaluated: ReturnType<InProcessKconfigEngine['evaluate']>) => T,
  ): Promise<T> {
    return new Promise((done) => done(answer(this.evaluate(question))));
  }

  private evaluate(question: CompletionQuestion) {
    const folder = path.dirname(question.root);
    const roots = [folder, ...this.rootsOf(question)];
    const tree = this.trees.get({
      root: question.root,
      roots,
      directory: folder,
      environment: question.environment,
    });
    const { user, warnings } = readConfig(tree, question.config);
    return { evaluation: resolve(tree, user), given: user, warnings, roots };
  }
}

/** A place as its own tree names it, wherever that lies on this machine. */
function placeIn(roots: readonly string[], position: Position): string {
  const root = roots.find((folder) => position.file.startsWith(`${folder}/`));
  const file = root === undefined ? position.file : position.file.slice(root.length + 1);
  return formatPosition({ ...position, file });
}
