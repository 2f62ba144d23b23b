// SPDX-License-Identifier: BSD-3-Clause
import type { Expression, KconfigSymbol } from './model.js';
import type { Evaluation } from './evaluate.js';
import { formatExpression } from './expression.js';
import { formatPosition, type Position } from './kconfig-error.js';
import { isLogical, tristateLetter } from './symbol.js';

/** One step of how a value came about. */
export interface Reason {
  readonly kind:
    | 'user' // the user set it
    | 'default' // a default of the symbol, the first whose condition holds
    | 'select' // another symbol forces it
    | 'imply' // another symbol suggests it
    | 'choice' // the choice that it is in decides
    | 'range' // the value was moved into its range
    | 'limit' // a dependency or the visibility of the prompt lowers it
    | 'hidden' // no prompt is visible, so what the user set does not count
    | 'nothing'; // no default applies
  readonly text: string;
  readonly position: Position | null;
}

export interface Explanation {
  readonly symbol: KconfigSymbol;
  /** `y`, `m`, `n`, a number or text. */
  readonly value: string;
  readonly isVisible: boolean;
  /** In the order in which they take effect. */
  readonly reasons: readonly Reason[];
  /** Terms of its dependencies that are n at present, with their present values; empty if none stands in the way. */
  readonly unmet: readonly string[];
  /** Selects that force it although what it depends on is n. */
  readonly unmetSelects: readonly Reason[];
}

/** Why the symbol has the value that it has. */
export function explain(evaluation: Evaluation, symbol: KconfigSymbol): Explanation {
  const reasons = isLogical(symbol.type)
    ? logicalReasons(evaluation, symbol)
    : textReasons(evaluation, symbol);
  return {
    symbol,
    value: evaluation.text(symbol),
    isVisible: evaluation.visibility(symbol) !== 0,
    reasons,
    unmet: unmetTerms(evaluation, symbol),
    unmetSelects: evaluation.unmetSelections.includes(symbol)
      ? selectionReasons(evaluation, symbol, 'select')
      : [],
  };
}

function hiddenReason(evaluation: Evaluation, symbol: KconfigSymbol): Reason {
  const first = symbol.prompts[0];
  const text =
    first === undefined
      ? 'it has no prompt, so it cannot be set'
      : `its prompt is hidden: ${formatExpression(first.condition)} is n`;
  return {
    kind: 'hidden',
    text: evaluation.user.has(symbol) ? `${text}; what was set does not count` : text,
    position: first?.position ?? symbol.nodes[0]?.position ?? null,
  };
}

function logicalReasons(evaluation: Evaluation, symbol: KconfigSymbol): Reason[] {
  const visible = evaluation.visibility(symbol);
  const { choice } = symbol;
  if (choice !== null && visible === 2) return [choiceReason(evaluation, symbol, choice)];
  const reasons: Reason[] = [];
  const user = evaluation.user.tristate(symbol);
  if (visible === 0) reasons.push(hiddenReason(evaluation, symbol));
  if (visible !== 0 && user !== null) {
    reasons.push({ kind: 'user', text: `set to ${tristateLetter(user)}`, position: null });
    if (user > visible) {
      const text = `limited to ${tristateLetter(visible)} by what it depends on`;
      reasons.push({ kind: 'limit', text, position: null });
    }
  } else {
    reasons.push(defaultReason(evaluation, symbol));
    reasons.push(...selectionReasons(evaluation, symbol, 'imply'));
  }
  reasons.push(...selectionReasons(evaluation, symbol, 'select'));
  return reasons;
}

function choiceReason(
  evaluation: Evaluation,
  symbol: KconfigSymbol,
  choice: KconfigSymbol,
): Reason {
  const chosen = evaluation.chosenMember(choice);
  const wanted = evaluation.user.chosen[choice.index] ?? null;
  const by = wanted === chosen && wanted !== null ? 'by the user' : 'by default';
  return {
    kind: 'choice',
    text:
      chosen === symbol
        ? `the choice takes it, ${by}`
        : `the choice takes ${chosen?.name ?? 'nothing'} instead, ${by}`,
    position: choice.nodes[0]?.position ?? null,
  };
}

function defaultReason(evaluation: Evaluation, symbol: KconfigSymbol): Reason {
  const active = evaluation.activeDefault(symbol);
  if (active === null) {
    const text =
      symbol.defaults.length === 0 ? 'it has no default' : "none of its defaults' conditions holds";
    return { kind: 'nothing', text, position: symbol.nodes[0]?.position ?? null };
  }
  const { property } = active;
  const condition =
    property.condition === null ? '' : ` if ${formatExpression(property.condition)}`;
  return {
    kind: 'default',
    text: `default ${formatExpression(property.value)}${condition}`,
    position: property.position,
  };
}

function selectionReasons(
  evaluation: Evaluation,
  symbol: KconfigSymbol,
  kind: 'select' | 'imply',
): Reason[] {
  if (symbol.choice !== null) return [];
  return activeAlternatives(
    evaluation,
    kind === 'select' ? symbol.selectedBy : symbol.impliedBy,
  ).map((expression) => {
    const source = leftmostSymbol(expression);
    const property = source.selections.find(
      (candidate) =>
        candidate.kind === kind &&
        candidate.target === symbol &&
        evaluation.expression(candidate.condition) !== 0,
    );
    const word = kind === 'select' ? 'selected' : 'implied';
    return {
      kind,
      text: `${word} by ${source.name} (${formatExpression(expression)})`,
      position: property?.position ?? null,
    };
  });
}

/** The symbols that force this one at present, in the order of their files. */
export function activeSelectors(
  evaluation: Evaluation,
  symbol: KconfigSymbol,
): readonly KconfigSymbol[] {
  return activeAlternatives(evaluation, symbol.selectedBy).map(leftmostSymbol);
}

function activeAlternatives(evaluation: Evaluation, expression: Expression | null): Expression[] {
  if (expression === null) return [];
  const alternatives = expression.kind === 'or' ? expression.operands : [expression];
  return alternatives.filter((alternative) => evaluation.expression(alternative) !== 0);
}

/** The symbol that an expression begins with: in "selected by", the one that selects. */
export function leftmostSymbol(expression: Expression): KconfigSymbol {
  switch (expression.kind) {
    case 'symbol':
      return expression.symbol;
    case 'compare':
      return expression.left;
    case 'not':
      return leftmostSymbol(expression.operand);
    case 'and':
    case 'or': {
      const first = expression.operands[0];
      if (first === undefined) throw new TypeError('an expression without operands');
      return leftmostSymbol(first);
    }
  }
}

function textReasons(evaluation: Evaluation, symbol: KconfigSymbol): Reason[] {
  const reasons: Reason[] = [];
  const user = evaluation.user.text(symbol);
  if (evaluation.visibility(symbol) === 0) reasons.push(hiddenReason(evaluation, symbol));
  if (evaluation.visibility(symbol) !== 0 && user !== null) {
    reasons.push({ kind: 'user', text: `set to "${user}"`, position: null });
  } else {
    reasons.push(defaultReason(evaluation, symbol));
  }
  const range = symbol.type === 'string' ? null : evaluation.activeRange(symbol);
  if (range !== null) {
    const { low, high, position } = range.property;
    reasons.push({
      kind: 'range',
      text: `range ${low.name} ${high.name}`,
      position,
    });
  }
  return reasons;
}

/** The terms of the prompts' conditions, or of the dependencies where there is no prompt, that are n. */
function unmetTerms(evaluation: Evaluation, symbol: KconfigSymbol): string[] {
  const condition = symbol.prompts[0]?.condition ?? symbol.directDependency;
  if (condition === null || evaluation.expression(condition) !== 0) return [];
  const terms = condition.kind === 'and' ? condition.operands : [condition];
  return terms
    .filter((term) => evaluation.expression(term) === 0)
    .map((term) => formatExpression(term));
}

/**
 * The complaint of `kconfig-conf` about a symbol that is selected although what it depends on is n. It names the symbols
 * that select it, joined by `&&`, active or not, as kconfig before Linux 4.19 does.
 */
export function unmetWarning(symbol: KconfigSymbol): string {
  const { selectedBy } = symbol;
  const alternatives =
    selectedBy === null ? [] : selectedBy.kind === 'or' ? selectedBy.operands : [selectedBy];
  const names = new Set(alternatives.map((alternative) => leftmostSymbol(alternative).name));
  return `(${[...names].join(' && ')}) selects ${symbol.name} which has unmet direct dependencies (${formatExpression(symbol.directDependency)})`;
}

/** The explanation as lines of text. */
export function formatExplanation(explanation: Explanation): string {
  const { symbol, reasons, unmet, unmetSelects } = explanation;
  const place = (reason: Reason) =>
    reason.position === null ? '' : ` [${formatPosition(reason.position)}]`;
  const defined = symbol.nodes.map((node) => formatPosition(node.position)).join(', ');
  const lines = [
    `${symbol.name}=${explanation.value}`,
    `  defined at ${defined === '' ? 'nowhere' : defined}`,
    ...reasons.map((reason) => `  ${reason.kind}: ${reason.text}${place(reason)}`),
    ...unmet.map((term) => `  unmet: ${term} is n`),
    ...unmetSelects.map(
      (reason) => `  selected with unmet dependencies: ${reason.text}${place(reason)}`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}
