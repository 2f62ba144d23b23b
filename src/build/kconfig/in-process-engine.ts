// SPDX-License-Identifier: BSD-3-Clause
import path from 'node:path';
import { resolve } from './configure.js';
import { unmetWarning } from './explain.js';
import { formatWarning } from './kconfig-error.js';
import { readConfig } from './read-config.js';
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

  /** @throws CONFIGURATION_FAILED with file and line; the signal's reason if it has fired */
  complete(question: CompletionQuestion, signal?: AbortSignal): Promise<Completion> {
    return new Promise((done) => {
      signal?.throwIfAborted();
      const directory = path.dirname(question.root);
      const tree = this.trees.get({
        root: question.root,
        roots: [directory, ...this.rootsOf(question)],
        directory,
        environment: question.environment,
      });
      const { user, warnings } = readConfig(tree, question.config);
      const evaluation = resolve(tree, user);
      done({
        config: writeConfig(evaluation),
        messages: [
          ...[...tree.warnings, ...warnings].map(formatWarning),
          ...evaluation.unmetSelections.map((symbol) => `warning: ${unmetWarning(symbol)}`),
        ],
      });
    });
  }
}
