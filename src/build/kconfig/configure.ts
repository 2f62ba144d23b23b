// SPDX-License-Identifier: BSD-3-Clause
import type { KconfigSymbol, MenuNode, Tristate } from './model.js';
import { Evaluation } from './evaluate.js';
import { leadingInteger } from './number.js';
import { isLogical } from './symbol.js';
import type { KconfigTree } from './tree.js';
import { UserValues } from './user-values.js';
import { DEFAULT_PREFIX, isVisible } from './write-config.js';

/** What symbols that the user has not set become: n, m or y where that is possible, or their defaults. */
export type NewSymbols = 'no' | 'module' | 'yes' | 'default';

/** All values under `user`, which must not be changed afterwards. */
export function evaluate(tree: KconfigTree, user: UserValues = new UserValues(tree)): Evaluation {
  return new Evaluation(tree, user);
}

/**
 * What `kconfig-conf --olddefconfig` makes of what a `.config` sets: a number outside of its range is dropped in favour of
 * the default, and everything new gets its default.
 */
export function resolve(tree: KconfigTree, user: UserValues): Evaluation {
  const first = new Evaluation(tree, user);
  const dropped = tree.symbols.filter((symbol) => isOutOfRange(first, symbol));
  if (dropped.length === 0) return first;
  const kept = user.copy();
  for (const symbol of dropped) kept.clear(symbol);
  return new Evaluation(tree, kept);
}

/** Whether the user has set a number that its range does not allow at present. */
function isOutOfRange(evaluation: Evaluation, symbol: KconfigSymbol): boolean {
  if (symbol.ranges.length === 0 || (symbol.type !== 'int' && symbol.type !== 'hex')) return false;
  const text = evaluation.user.text(symbol);
  if (text === null) return false;
  const range = evaluation.activeRange(symbol);
  if (range === null) return false;
  const value = leadingInteger(text, symbol.type === 'hex' ? 16 : 10);
  return value < range.low || value > range.high;
}

/** `allnoconfig`, `allmodconfig`, `allyesconfig` and `alldefconfig`, over what `seed` sets if it is given. */
export function resolveAll(tree: KconfigTree, mode: NewSymbols, seed?: UserValues): Evaluation {
  const user = seed?.copy() ?? new UserValues(tree);
  if (mode !== 'default') {
    const value: Tristate = mode === 'yes' ? 2 : mode === 'module' ? 1 : 0;
    for (const symbol of tree.symbols) {
      if (!isLogical(symbol.type) || user.has(symbol)) continue;
      user.setTristate(symbol, mode === 'no' && symbol.allnoconfigY ? 2 : value);
    }
  }
  return new Evaluation(tree, user);
}

/**
 * The values that a minimal configuration is written from. A choice of which a visible member was not set counts as not
 * set itself then, which matters only to optional choices.
 */
export function resolveForSaving(tree: KconfigTree, user: UserValues): Evaluation {
  const first = resolve(tree, user);
  if (first.incompleteChoices.length === 0) return first;
  const kept = first.user.copy();
  for (const choice of first.incompleteChoices) kept.clear(choice);
  return new Evaluation(tree, kept);
}

/** The lines that `kconfig-conf --listnewconfig` prints: symbols that the user could set and has not. */
export function listNew(evaluation: Evaluation, prefix = DEFAULT_PREFIX): readonly string[] {
  const lost = new Set(evaluation.incompleteChoices);
  const names: string[] = [];
  const walk = (node: MenuNode): void => {
    if (!isVisible(evaluation, node)) return;
    const { symbol } = node;
    if (symbol !== null && symbol.name !== '' && symbol.choice === null) {
      const isNew = !evaluation.user.has(symbol) || lost.has(symbol);
      const isOpen =
        evaluation.isChangeable(symbol) ||
        (symbol.kind === 'choice' && evaluation.tristate(symbol) === 2);
      if (isNew && isOpen) names.push(prefix + symbol.name);
    }
    for (const child of node.children) walk(child);
  };
  walk(evaluation.tree.root);
  return names;
}

/** The files that `option defconfig_list` names under the defaults, to begin with where there is no `.config`. */
export function defconfigCandidates(tree: KconfigTree): readonly string[] {
  if (tree.defconfigList === null) return [];
  const evaluation = evaluate(tree);
  return tree.defconfigList.defaults.flatMap(({ value, condition }) => {
    if (value.kind !== 'symbol' || evaluation.expression(condition) === 0) return [];
    const name = value.symbol.name.replace(/\$([A-Za-z0-9_]+)/g, (_whole, symbolName: string) => {
      const symbol = tree.find(symbolName);
      return symbol === undefined ? '' : evaluation.text(symbol);
    });
    return [name];
  });
}
