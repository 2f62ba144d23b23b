// SPDX-License-Identifier: BSD-3-Clause
import type { MenuEntry } from '../menu.js';
import type { Evaluation } from './evaluate.js';
import { activeSelectors } from './explain.js';
import { formatExpression } from './expression.js';
import type { KconfigSymbol, MenuNode, Tristate } from './model.js';
import { isLogical, tristateLetter } from './symbol.js';
import { defaultValue, isVisible } from './write-config.js';

/** The entries below `node` that have a prompt, with their present values. Entries without one are of no use to a form. */
export function menuEntries(evaluation: Evaluation, node: MenuNode): readonly MenuEntry[] {
  return node.children.flatMap((child) => {
    const entries = menuEntries(evaluation, child);
    return child.prompt === null ? entries : [menuEntry(evaluation, child, entries)];
  });
}

function menuEntry(
  evaluation: Evaluation,
  node: MenuNode,
  entries: readonly MenuEntry[],
): MenuEntry {
  const { symbol } = node;
  return {
    kind: kindOf(node),
    prompt: node.prompt?.text ?? '',
    help: node.help,
    visible: isVisible(evaluation, node),
    dependsOn: node.dependency === null ? null : formatExpression(node.dependency),
    ...(symbol === null ? NO_SETTING : settingOf(evaluation, symbol)),
    entries,
  };
}

const KINDS = { config: 'config', choice: 'choice', comment: 'comment' } as const;

function kindOf({ kind }: MenuNode): MenuEntry['kind'] {
  if (kind === 'menuconfig') return 'config';
  return kind === 'config' || kind === 'choice' || kind === 'comment' ? KINDS[kind] : 'menu';
}

type Setting = Omit<MenuEntry, 'kind' | 'prompt' | 'help' | 'visible' | 'dependsOn' | 'entries'>;

const NO_SETTING: Setting = {
  symbol: null,
  type: null,
  value: null,
  default: null,
  allowed: null,
  range: null,
  chosen: false,
  selectedBy: [],
};

function settingOf(evaluation: Evaluation, symbol: KconfigSymbol): Setting {
  const type = symbol.type === 'unknown' ? null : symbol.type;
  const common = {
    symbol: symbol.name === '' ? null : symbol.name,
    type,
  };
  if (symbol.kind === 'choice') {
    const shown = symbol.members.filter((member) => evaluation.visibility(member) !== 0);
    return {
      ...common,
      value: evaluation.chosenMember(symbol)?.name ?? null,
      default: evaluation.defaultMember(symbol)?.name ?? null,
      allowed: shown.map(({ name }) => name),
      range: null,
      chosen: evaluation.user.chosen[symbol.index] !== null,
      selectedBy: [],
    };
  }
  return {
    ...common,
    value: evaluation.text(symbol),
    default: defaultValue(evaluation, symbol),
    allowed: isLogical(symbol.type) ? allowedOf(evaluation, symbol) : null,
    range: rangeOf(evaluation, symbol),
    chosen: evaluation.user.has(symbol),
    selectedBy: activeSelectors(evaluation, symbol).map(({ name }) => name),
  };
}

/** From what selects force up to what its prompt allows; `m` only where there are modules. */
function allowedOf(evaluation: Evaluation, symbol: KconfigSymbol): readonly string[] {
  const values: readonly Tristate[] =
    symbol.type === 'tristate' && evaluation.hasModules ? [0, 1, 2] : [0, 2];
  const low = evaluation.selectedTo(symbol);
  const high = evaluation.visibility(symbol);
  if (high <= low) return [evaluation.text(symbol)];
  return values.filter((value) => value >= low && value <= high).map(tristateLetter);
}

function rangeOf(evaluation: Evaluation, symbol: KconfigSymbol): MenuEntry['range'] {
  if (symbol.type !== 'int' && symbol.type !== 'hex') return null;
  const range = evaluation.activeRange(symbol);
  if (range === null) return null;
  const text = (value: bigint): string =>
    symbol.type === 'hex' ? `0x${value.toString(16)}` : value.toString();
  return { low: text(range.low), high: text(range.high) };
}
