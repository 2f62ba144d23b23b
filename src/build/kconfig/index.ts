// SPDX-License-Identifier: BSD-3-Clause
export type {
  Expression,
  KconfigSymbol,
  MenuKind,
  MenuNode,
  SymbolType,
  Tristate,
} from './model.js';
export * from './configure.js';
export { Evaluation } from './evaluate.js';
export {
  explain,
  formatExplanation,
  unmetWarning,
  type Explanation,
  type Reason,
} from './explain.js';
export { applyChanges, suggest, type Change } from './suggest.js';
export { formatExpression } from './expression.js';
export {
  formatPosition,
  formatWarning,
  KconfigError,
  type KconfigWarning,
  type Position,
} from './kconfig-error.js';
export { descendants } from './menu.js';
export { readConfig, type ConfigContents, type ReadConfigOptions } from './read-config.js';
export { filesBelow, filesInMemory, type KconfigFiles } from './source-files.js';
export { tristateLetter } from './symbol.js';
export { loadKconfig, type KconfigSource, type KconfigTree } from './tree.js';
export { UserValues } from './user-values.js';
export { isVisible, quote, writeConfig, writeMinimal } from './write-config.js';
export { WorkerKconfigEngine } from './worker-engine.js';
export {
  InProcessKconfigEngine,
  type Completion,
  type CompletionQuestion,
} from './in-process-engine.js';
export { TreeCache, type TreeQuestion } from './tree-cache.js';
