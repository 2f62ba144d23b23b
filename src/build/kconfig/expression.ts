// SPDX-License-Identifier: BSD-3-Clause
import type { Condition, Expression, KconfigSymbol } from './model.js';
import { NO, YES } from './symbol.js';

export function symbolExpression(symbol: KconfigSymbol): Expression {
  return { kind: 'symbol', symbol };
}

/** Joins conditions by `&&`: drops y and repetitions, and gives null (y) where nothing is left. */
export function allOf(...conditions: readonly Condition[]): Condition {
  return join('and', conditions, YES, NO);
}

/** Joins expressions by `||`, where a null is "nothing to join". */
export function eitherOf(first: Expression | null, second: Expression | null): Expression | null {
  return join('or', [first, second], NO, YES);
}

function join(
  kind: 'and' | 'or',
  conditions: readonly Condition[],
  neutral: KconfigSymbol,
  absorbing: KconfigSymbol,
): Expression | null {
  const operands: Expression[] = [];
  for (const condition of conditions) {
    if (condition === null) continue;
    const parts = condition.kind === kind ? condition.operands : [condition];
    for (const part of parts) {
      if (part.kind === 'symbol' && part.symbol === absorbing) return part;
      if (part.kind === 'symbol' && part.symbol === neutral && kind === 'and') continue;
      // Long lists are not searched: dropping repetitions only keeps texts short, and must not cost quadratic time.
      if (operands.length < 32 && operands.some((operand) => sameExpression(operand, part)))
        continue;
      operands.push(part);
    }
  }
  const only = operands[0];
  if (only === undefined) return null;
  return operands.length === 1 ? only : { kind, operands };
}

/** Whether two expressions are written alike, but for the order of operands of `&&` and `||`. */
export function sameExpression(left: Expression, right: Expression): boolean {
  if (left === right) return true;
  switch (left.kind) {
    case 'symbol':
      return right.kind === 'symbol' && left.symbol === right.symbol;
    case 'not':
      return right.kind === 'not' && sameExpression(left.operand, right.operand);
    case 'compare':
      return (
        right.kind === 'compare' &&
        left.operator === right.operator &&
        left.left === right.left &&
        left.right === right.right
      );
    case 'and':
    case 'or': {
      if (right.kind !== left.kind || right.operands.length !== left.operands.length) return false;
      const others = right.operands;
      return left.operands.every((operand) =>
        others.some((candidate) => sameExpression(operand, candidate)),
      );
    }
  }
}

/** Calls `visit` for each symbol that the expression names, constants included. */
export function forEachSymbol(expression: Condition, visit: (symbol: KconfigSymbol) => void): void {
  if (expression === null) return;
  switch (expression.kind) {
    case 'symbol':
      visit(expression.symbol);
      return;
    case 'not':
      forEachSymbol(expression.operand, visit);
      return;
    case 'compare':
      visit(expression.left);
      visit(expression.right);
      return;
    case 'and':
    case 'or':
      for (const operand of expression.operands) forEachSymbol(operand, visit);
  }
}

/** Whether the expression names `symbol` anywhere. */
export function mentions(expression: Condition, symbol: KconfigSymbol): boolean {
  if (expression === null) return false;
  switch (expression.kind) {
    case 'symbol':
      return expression.symbol === symbol;
    case 'not':
      return mentions(expression.operand, symbol);
    case 'compare':
      return expression.left === symbol || expression.right === symbol;
    case 'and':
    case 'or':
      return expression.operands.some((operand) => mentions(operand, symbol));
  }
}

/** Number of symbols and comparisons in the expression. */
export function termCount(expression: Condition): number {
  if (expression === null) return 0;
  switch (expression.kind) {
    case 'symbol':
    case 'compare':
      return 1;
    case 'not':
      return termCount(expression.operand);
    case 'and':
    case 'or':
      return expression.operands.reduce((sum, operand) => sum + termCount(operand), 0);
  }
}

/** The expression as `kconfig-conf` prints it: `A && (B || !C) && D=y`. */
export function formatExpression(expression: Condition): string {
  if (expression === null) return 'y';
  switch (expression.kind) {
    case 'symbol':
      return symbolText(expression.symbol);
    case 'not': {
      const text = formatExpression(expression.operand);
      const compound = expression.operand.kind === 'and' || expression.operand.kind === 'or';
      return compound ? `!(${text})` : `!${text}`;
    }
    case 'compare':
      return `${symbolText(expression.left)}${expression.operator}${symbolText(expression.right)}`;
    case 'and':
      return expression.operands
        .map((operand) =>
          operand.kind === 'or' ? `(${formatExpression(operand)})` : formatExpression(operand),
        )
        .join(' && ');
    case 'or':
      return expression.operands.map((operand) => formatExpression(operand)).join(' || ');
  }
}

function symbolText(symbol: KconfigSymbol): string {
  return symbol.kind === 'choice' && symbol.name === '' ? '<choice>' : symbol.name;
}
