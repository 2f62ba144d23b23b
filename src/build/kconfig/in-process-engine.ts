// SPDX-License-Identifier: BSD-3-Clause
import path from 'node:path';
import type { SymbolExplanation } from '../ports.js';
import type { ConfigurationMenu } from '../menu.js';
import { resolve, resolveForSaving } from './configure.js';
import { activeSelectors, explain, unmetWarning } from './explain.js';
import { formatPosition, formatWarning } from './kconfig-error.js';
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
  explain(question: CompletionQuestion, name: string): EngineExplanation | null {
    const { evaluation, folder } = this.evaluate(question);
    const symbol = evaluation.tree.find(name);
    if (symbol?.isDefined !== true) return null;
    const { value, reasons, unmet } = explain(evaluation, symbol);
    const changes = suggest(evaluation, symbol);
    return {
      value,
      unmet,
      reasons: reasons.map(({ kind, text, position }) => {
        const place = position === null ? null : formatPosition(position);
        return { kind, text, position: place?.replace(`${folder}/`, '') ?? null };
      }),
      turnOn:
        changes?.map((change) => ({ symbol: change.symbol.name, value: change.value })) ?? null,
    };
  }

  /** Why each of these symbols is on. Those that are off, or that the tree does not define, are left out. */
  selections(
    question: CompletionQuestion,
    names: readonly string[],
  ): ReadonlyMap<string, EngineSelection> {
    const { evaluation } = this.evaluate(question);
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
  }

  /** The menu with the values as they are. */
  menu(question: CompletionQuestion): Promise<EngineMenu> {
    return new Promise((done) => {
      const { evaluation, given } = this.evaluate(question);
      const { tree } = evaluation;
      done({
        title: tree.title,
        entries: menuEntries(evaluation, tree.root),
        defconfig: writeMinimal(resolveForSaving(tree, given)),
      });
    });
  }

  /** What differs from the defaults, as `kconfig-conf --savedefconfig` writes it. */
  minimal(question: CompletionQuestion): string {
    const { evaluation, given } = this.evaluate(question);
    return writeMinimal(resolveForSaving(evaluation.tree, given));
  }

  /** @throws CONFIGURATION_FAILED with file and line; the signal's reason if it has fired */
  complete(question: CompletionQuestion, signal?: AbortSignal): Promise<Completion> {
    return new Promise((done) => {
      signal?.throwIfAborted();
      const { evaluation, warnings } = this.evaluate(question);
      const { tree } = evaluation;
      done({
        config: writeConfig(evaluation),
        messages: [
          ...[...tree.warnings, ...warnings].map(formatWarning),
          ...evaluation.unmetSelections.map((symbol) => `warning: ${unmetWarning(symbol)}`),
        ],
      });
    });
  }

  private evaluate(question: CompletionQuestion) {
    const folder = path.dirname(question.root);
    const tree = this.trees.get({
      root: question.root,
      roots: [folder, ...this.rootsOf(question)],
      directory: folder,
      environment: question.environment,
    });
    const { user, warnings } = readConfig(tree, question.config);
    return { evaluation: resolve(tree, user), given: user, warnings, folder };
  }
}
