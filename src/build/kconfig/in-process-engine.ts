// SPDX-License-Identifier: BSD-3-Clause
import path from 'node:path';
import type { SymbolExplanation } from '../ports.js';
import { resolve } from './configure.js';
import { explain, unmetWarning } from './explain.js';
import { formatPosition, formatWarning } from './kconfig-error.js';
import { readConfig } from './read-config.js';
import { suggest } from './suggest.js';
import { TreeCache } from './tree-cache.js';
import { writeConfig } from './write-config.js';

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
    return { evaluation: resolve(tree, user), warnings, folder };
  }
}
