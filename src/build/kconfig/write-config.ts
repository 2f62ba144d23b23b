// SPDX-License-Identifier: BSD-3-Clause
import type { KconfigSymbol, MenuNode, Tristate } from './model.js';
import type { Evaluation } from './evaluate.js';
import { descendants } from './menu.js';
import { isLogical, tristateLetter } from './symbol.js';

/** What stands before each name unless another prefix is asked for. */
export const DEFAULT_PREFIX = 'CONFIG_';

/** The whole `.config`, byte for byte as `kconfig-conf` writes it. */
export function writeConfig(evaluation: Evaluation, prefix = DEFAULT_PREFIX): string {
  const parts = [
    `#\n# Automatically generated file; DO NOT EDIT.\n# ${evaluation.tree.title}\n#\n`,
  ];
  const finished = new Set<KconfigSymbol>();
  for (const node of descendants(evaluation.tree.root)) {
    const { symbol } = node;
    if (symbol === null) {
      if (isVisible(evaluation, node)) parts.push(`\n#\n# ${node.prompt?.text ?? ''}\n#\n`);
    } else if (symbol.kind === 'config' && evaluation.isWritten(symbol) && !finished.has(symbol)) {
      finished.add(symbol);
      parts.push(symbolLine(evaluation, symbol, prefix));
    }
  }
  return parts.join('');
}

/** Only what differs from the defaults, as `kconfig-conf --savedefconfig` writes it. */
export function writeMinimal(evaluation: Evaluation, prefix = DEFAULT_PREFIX): string {
  const parts: string[] = [];
  const finished = new Set<KconfigSymbol>();
  for (const { symbol } of descendants(evaluation.tree.root)) {
    if (symbol?.kind !== 'config' || !evaluation.isWritten(symbol) || finished.has(symbol))
      continue;
    finished.add(symbol);
    if (!isDefault(evaluation, symbol)) parts.push(symbolLine(evaluation, symbol, prefix));
  }
  return parts.join('');
}

/** Whether the value would come out the same if the user had not set it. */
function isDefault(evaluation: Evaluation, symbol: KconfigSymbol): boolean {
  if (!evaluation.isChangeable(symbol)) return true;
  if (evaluation.text(symbol) === defaultValue(evaluation, symbol)) return true;
  const { choice } = symbol;
  return (
    choice !== null &&
    !choice.optional &&
    symbol.type === 'bool' &&
    evaluation.tristate(symbol) === 2 &&
    evaluation.defaultMember(choice) === symbol
  );
}

/** The value that defaults, selects and implies give; ranges do not count, which `kconfig-conf` leaves out too. */
export function defaultValue(evaluation: Evaluation, symbol: KconfigSymbol): string {
  const active = evaluation.activeDefault(symbol);
  if (!isLogical(symbol.type)) {
    return active?.property.value.kind === 'symbol'
      ? evaluation.defaultText(active.property.value.symbol)
      : '';
  }
  let value: Tristate = 0;
  if (active !== null) {
    const wanted = evaluation.expression(active.property.value);
    value = wanted < active.limit ? wanted : active.limit;
  }
  const forced = evaluation.selectedTo(symbol);
  if (forced > value) value = forced;
  if (value === 1 && symbol.choice === null && !evaluation.hasModules) value = 2;
  if (value === 1 && symbol.type === 'bool') value = 2;
  const implied = evaluation.impliedTo(symbol);
  if (implied > value) value = implied;
  return tristateLetter(value);
}

/**
 * Whether a frontend shows the entry: its prompt is visible, or it has a value and something below it is visible. A menu
 * whose `visible if` is n is not shown.
 */
export function isVisible(evaluation: Evaluation, node: MenuNode): boolean {
  if (node.kind === 'root') return true;
  if (node.prompt === null || evaluation.expression(node.visibleIf) === 0) return false;
  if (evaluation.expression(node.prompt.condition) !== 0) return true;
  if (node.symbol === null || evaluation.tristate(node.symbol) === 0) return false;
  return node.children.some((child) => isVisible(evaluation, child));
}

function symbolLine(evaluation: Evaluation, symbol: KconfigSymbol, prefix: string): string {
  if (symbol.type === 'unknown') return '';
  const value = evaluation.text(symbol);
  if (isLogical(symbol.type) && value === 'n') return `# ${prefix}${symbol.name} is not set\n`;
  return `${prefix}${symbol.name}=${symbol.type === 'string' ? quote(value) : value}\n`;
}

/** The text in quotes, with a backslash before quotes and backslashes. */
export function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
