// SPDX-License-Identifier: BSD-3-Clause
import type { ConfigurationMenu } from '../menu.js';
import type { SelectedLibrary, SymbolExplanation } from '../ports.js';

/** A Kconfig tree, and a configuration to complete in it. */
export interface KconfigQuestion {
  /** Absolute path of the root Kconfig file. */
  readonly root: string;
  /** The variables that the tree reads with `option env` and in `source`. */
  readonly environment: Readonly<Record<string, string>>;
  /** The configuration as far as it is given: lines of a `.config`. */
  readonly config: string;
}

export interface KconfigAnswer {
  /** The whole `.config`. */
  readonly config: string;
  /** What the engine has to complain about, one message each; empty if all is well. */
  readonly messages: readonly string[];
}

/** Completes configurations: every symbol that is not given gets its default (`olddefconfig`). */
export interface KconfigEngine {
  /** @throws CONFIGURATION_FAILED if the tree cannot be read, TOOLCHAIN_MISSING if the engine is not installed */
  complete(question: KconfigQuestion, signal?: AbortSignal): Promise<KconfigAnswer>;
}

/** Why a symbol is on, with the files of those that force it. */
export interface KconfigSelection {
  readonly why: SelectedLibrary['why'];
  readonly selectors: readonly { readonly symbol: string; readonly file: string }[];
}

/** Completes configurations, shows their menus and explains them. All throw CONFIGURATION_FAILED if the tree cannot be read. */
export interface KconfigExplainer extends KconfigEngine {
  menu(question: KconfigQuestion): Promise<Omit<ConfigurationMenu, 'target'>>;
  /** Null if the tree does not define the symbol. */
  explain(
    question: KconfigQuestion,
    name: string,
  ): Promise<Omit<SymbolExplanation, 'target' | 'symbol'> | null>;
  /** Those of these symbols that are on. */
  selections(
    question: KconfigQuestion,
    names: readonly string[],
  ): Promise<ReadonlyMap<string, KconfigSelection>>;
}
