// SPDX-License-Identifier: BSD-3-Clause
import type { KconfigSymbol, MenuNode } from './model.js';
import { checkDefinitions } from './definition-check.js';
import { finalizeTree } from './finalize.js';
import type { KconfigWarning } from './kconfig-error.js';
import { MacroLanguage } from './macro.js';
import { Parser } from './parser.js';
import { evaluationOrder } from './recursion.js';
import type { KconfigFiles } from './source-files.js';
import { expandSymbols } from './symbol-expansion.js';
import { TreeBuilder } from './tree-builder.js';

/** A Kconfig tree, ready to be evaluated any number of times. Nothing in it changes. */
export interface KconfigTree {
  /** `mainmenu`. */
  readonly title: string;
  readonly root: MenuNode;
  /** Configs and choices, by their `index`. */
  readonly symbols: readonly KconfigSymbol[];
  /** The same symbols, each behind all that it depends on. */
  readonly order: readonly KconfigSymbol[];
  /** The symbol that makes `m` a value (`option modules`), or null if there are no modules. */
  readonly modules: KconfigSymbol | null;
  /** The symbol whose defaults name configurations to begin with (`option defconfig_list`). */
  readonly defconfigList: KconfigSymbol | null;
  readonly warnings: readonly KconfigWarning[];
  /** What `$(info)` printed. */
  readonly messages: readonly string[];
  /** Identities of the files that were read: absolute paths, if they came from a disk. */
  readonly files: readonly string[];
  /** The config of that name, if the tree names it. */
  find(name: string): KconfigSymbol | undefined;
}

export interface KconfigSource {
  /** The first file, as `files` knows it. */
  readonly entry: string;
  readonly files: KconfigFiles;
  /** What `option env` and `$(NAME)` see. Nothing of the process's own environment is used. */
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * Reads a Kconfig tree.
 * @throws KconfigError with file and line: syntax, a file that is missing or outside of the roots, recursion, a bound exceeded
 */
export function loadKconfig(source: KconfigSource): KconfigTree {
  const builder = new TreeBuilder(source.entry, source.environment ?? {});
  const messages: string[] = [];
  const macros = new MacroLanguage(builder.environment, {
    info: (message) => {
      if (messages.length < 1000) messages.push(message);
    },
    warn: (position, message) => builder.warn(position, message),
  });
  const parser = new Parser(source.files, builder, macros);
  parser.parse(source.entry);
  const title = expandSymbols(builder, builder.title, builder.root.position);
  finalizeTree(builder);
  checkDefinitions(builder);
  const order = evaluationOrder(builder);
  const { byName, modules, defconfigList, root, symbols, warnings } = builder;
  return {
    title,
    root,
    symbols,
    order,
    modules,
    defconfigList,
    warnings,
    messages,
    files: [...parser.filesRead],
    find: (name) => byName.get(name),
  };
}
