// SPDX-License-Identifier: BSD-3-Clause
import type { Condition, Expression, KconfigSymbol } from './model.js';
import { allOf, sameExpression, symbolExpression } from './expression.js';
import { MODULE, NO, YES } from './symbol.js';

/** Where `m` stands alone it means "m, if there are modules"; without a modules symbol that is never. */
export function resolveModule(expression: Expression, modules: KconfigSymbol | null): Expression {
  switch (expression.kind) {
    case 'symbol':
      if (expression.symbol !== MODULE) return expression;
      return modules === null
        ? symbolExpression(NO)
        : { kind: 'and', operands: [expression, symbolExpression(modules)] };
    case 'not':
      return { kind: 'not', operand: resolveModule(expression.operand, modules) };
    case 'and':
    case 'or': {
      const { kind } = expression;
      const operands = expression.operands.flatMap((operand) => {
        const resolved = resolveModule(operand, modules);
        return resolved.kind === kind ? resolved.operands : [resolved];
      });
      return { kind, operands };
    }
    case 'compare':
      return expression;
  }
}

/**
 * The same value, written as kconfig writes it: `!` moves inwards to the symbols, and comparisons of a bool with n or y become
 * the symbol or its negation.
 */
export function simplify(expression: Expression): Expression {
  return negate(expression, false);
}

const OPPOSITE = { '=': '!=', '!=': '=', '<': '>=', '<=': '>', '>': '<=', '>=': '<' } as const;

function negate(expression: Expression, negated: boolean): Expression {
  switch (expression.kind) {
    case 'symbol': {
      const { symbol } = expression;
      if (!negated) return expression;
      if (symbol === YES) return symbolExpression(NO);
      if (symbol === NO) return symbolExpression(YES);
      return symbol === MODULE ? expression : { kind: 'not', operand: expression };
    }
    case 'not':
      return negate(expression.operand, !negated);
    case 'and':
    case 'or': {
      const kind = negated ? (expression.kind === 'and' ? 'or' : 'and') : expression.kind;
      const operands = expression.operands.flatMap((operand) => {
        const part = negate(operand, negated);
        return part.kind === kind ? part.operands : [part];
      });
      return { kind, operands };
    }
    case 'compare': {
      const { left, right } = expression;
      const operator = negated ? OPPOSITE[expression.operator] : expression.operator;
      if (left.type === 'bool' && (operator === '=' || operator === '!=')) {
        const positive = symbolExpression(left);
        const inverse: Expression = { kind: 'not', operand: positive };
        if (right === YES) return operator === '=' ? positive : inverse;
        if (right === NO) return operator === '=' ? inverse : positive;
      }
      return { kind: 'compare', operator, left, right };
    }
  }
}

/**
 * `A != n` becomes `A` in the conditions of symbols that are not tristate, as in `kconfig-conf`: a bool is promoted from m to y
 * anyway, but what it selects under such a condition is held to m.
 */
export function withoutComparisons(expression: Expression): Expression {
  switch (expression.kind) {
    case 'symbol':
      return expression;
    case 'not':
      return { kind: 'not', operand: withoutComparisons(expression.operand) };
    case 'and':
    case 'or':
      return { kind: expression.kind, operands: expression.operands.map(withoutComparisons) };
    case 'compare': {
      const { left, right, operator } = expression;
      const isPresence = left.type === 'tristate' && right === NO && operator === '!=';
      return isPresence ? symbolExpression(left) : expression;
    }
  }
}

/** Whether the expression is n whenever `symbol` is, as can be seen from one term of its `&&`. */
export function requires(expression: Expression, symbol: KconfigSymbol): boolean {
  switch (expression.kind) {
    case 'symbol':
      return expression.symbol === symbol;
    case 'and':
      return expression.operands.some((operand) => requires(operand, symbol));
    case 'compare':
      if (expression.left !== symbol) return false;
      return expression.operator === '='
        ? expression.right === YES || expression.right === MODULE
        : expression.operator === '!=' && expression.right === NO;
    default:
      return false;
  }
}

/** Whether each term of `visibility` is a term of `dependency`, both seen as "not n". */
export function coversVisibility(dependency: Expression, visibility: Condition): boolean {
  if (visibility === null) return true;
  const terms = conjuncts(whetherVisible(dependency, true));
  return conjuncts(whetherVisible(visibility, true)).every((term) =>
    terms.some((candidate) => sameExpression(candidate, term)),
  );
}

function conjuncts(expression: Expression): readonly Expression[] {
  const joined = allOf(expression);
  if (joined === null) return [];
  return joined.kind === 'and' ? joined.operands : [joined];
}

/** `expression != n` (or `= n`) in terms of the symbols themselves. */
function whetherVisible(expression: Expression, visible: boolean): Expression {
  switch (expression.kind) {
    case 'symbol':
      return simplify({
        kind: 'compare',
        operator: visible ? '!=' : '=',
        left: expression.symbol,
        right: NO,
      });
    case 'not':
      return whetherVisible(expression.operand, !visible);
    case 'and':
    case 'or': {
      const kind = visible ? expression.kind : expression.kind === 'and' ? 'or' : 'and';
      const operands = expression.operands.flatMap((operand) => {
        const part = whetherVisible(operand, visible);
        return part.kind === kind ? part.operands : [part];
      });
      return { kind, operands };
    }
    case 'compare':
      return negate(expression, !visible);
  }
}
