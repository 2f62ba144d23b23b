// SPDX-License-Identifier: BSD-3-Clause
import type { Condition, Expression, KconfigSymbol, Tristate } from './model.js';
import { evaluate } from './configure.js';
import type { Evaluation } from './evaluate.js';
import { isLogical, NO, tristateLetter, YES } from './symbol.js';

/** One symbol to set. */
export interface Change {
  readonly symbol: KconfigSymbol;
  readonly value: string;
}

/** Ways that are followed at once, and how far. Beyond that there is no suggestion, rather than a long wait. */
const BOUNDS = { plans: 24, steps: 24, depth: 24, evaluations: 64, visits: 4000 } as const;

type Plan = ReadonlyMap<KconfigSymbol, string>;

/**
 * What the user has to set so that the symbol becomes y (or `wanted`): the fewest changes among the ways that were tried. Each
 * suggestion has been applied and gives the value. Null if none was found.
 */
export function suggest(
  evaluation: Evaluation,
  symbol: KconfigSymbol,
  wanted: Tristate = 2,
): readonly Change[] | null {
  if (!isLogical(symbol.type)) return null;
  if (evaluation.tristate(symbol) === wanted) return [];
  const planner = new Planner(evaluation);
  const plans = [...planner.reach(symbol, wanted, new Map(), [])].sort(
    (left, right) => left.size - right.size,
  );
  for (const plan of plans.slice(0, BOUNDS.evaluations)) {
    const changes = [...plan].map(([target, value]) => ({ symbol: target, value }));
    if (applyChanges(evaluation, changes).tristate(symbol) === wanted) return changes;
  }
  return null;
}

/** The evaluation with some symbols set otherwise. */
export function applyChanges(evaluation: Evaluation, changes: readonly Change[]): Evaluation {
  const user = evaluation.user.copy();
  for (const { symbol, value } of changes) {
    if (!isLogical(symbol.type)) {
      user.setText(symbol, value);
      continue;
    }
    const tristate: Tristate = value === 'y' ? 2 : value === 'm' ? 1 : 0;
    user.setTristate(symbol, tristate);
    if (symbol.choice !== null && tristate === 2) {
      user.chosen[symbol.choice.index] = symbol;
      user.setTristate(symbol.choice, 2);
    }
  }
  return evaluate(evaluation.tree, user);
}

/** Searches backwards from what is wanted to what a user can set. */
class Planner {
  private visits = 0;

  constructor(private readonly evaluation: Evaluation) {}

  /** Plans, each of which extends `plan`, after which the symbol should have the value. */
  reach(
    symbol: KconfigSymbol,
    wanted: Tristate,
    plan: Plan,
    path: readonly KconfigSymbol[],
  ): Plan[] {
    if (++this.visits > BOUNDS.visits) return [];
    if (path.length > BOUNDS.depth || path.includes(symbol) || plan.size > BOUNDS.steps) return [];
    const planned = plan.get(symbol);
    if (planned !== undefined) return planned === tristateLetter(wanted) ? [plan] : [];
    if (this.evaluation.tristate(symbol) === wanted) return [plan];
    const inner = [...path, symbol];
    const found: Plan[] = [];
    // Set it, where a prompt can be made visible.
    for (const prompt of symbol.prompts) {
      const visible = wanted === 0 ? [plan] : this.hold(prompt.condition, wanted, plan, inner);
      for (const next of visible) {
        if (wanted > 0 || this.evaluation.isChangeable(symbol)) {
          if (symbol.kind === 'choice') found.push(next);
          else found.push(new Map([...next, [symbol, tristateLetter(wanted)]]));
        }
      }
    }
    if (wanted > 0) {
      for (const alternative of disjuncts(symbol.selectedBy)) {
        found.push(...this.hold(alternative, wanted, plan, inner));
      }
      for (const property of symbol.defaults) {
        for (const next of this.hold(property.condition, wanted, plan, inner)) {
          found.push(...this.hold(property.value, wanted, next, inner));
        }
      }
    } else if (this.evaluation.selectedTo(symbol) > 0) {
      found.push(...this.fail(symbol.selectedBy, plan, inner));
    } else {
      for (const prompt of symbol.prompts) found.push(...this.fail(prompt.condition, plan, inner));
    }
    return found.slice(0, BOUNDS.plans);
  }

  /** Plans after which the expression should be at least `wanted`. */
  private hold(
    expression: Condition,
    wanted: Tristate,
    plan: Plan,
    path: readonly KconfigSymbol[],
  ): Plan[] {
    if (expression === null || this.evaluation.expression(expression) >= wanted) return [plan];
    switch (expression.kind) {
      case 'symbol':
        return expression.symbol.kind === 'constant'
          ? []
          : this.reach(expression.symbol, wanted, plan, path);
      case 'not':
        return this.fail(expression.operand, plan, path);
      case 'and':
        return this.each(expression.operands, plan, (operand, next) =>
          this.hold(operand, wanted, next, path),
        );
      case 'or':
        return expression.operands
          .flatMap((operand) => this.hold(operand, wanted, plan, path))
          .slice(0, BOUNDS.plans);
      case 'compare':
        return this.compare(expression, plan, path);
    }
  }

  /** Plans after which the expression should be n. */
  private fail(expression: Condition, plan: Plan, path: readonly KconfigSymbol[]): Plan[] {
    if (expression === null) return [];
    if (this.evaluation.expression(expression) === 0) return [plan];
    switch (expression.kind) {
      case 'symbol':
        return expression.symbol.kind === 'constant'
          ? []
          : this.reach(expression.symbol, 0, plan, path);
      case 'not':
        return this.hold(expression.operand, 2, plan, path);
      case 'and':
        return expression.operands
          .flatMap((operand) => this.fail(operand, plan, path))
          .slice(0, BOUNDS.plans);
      case 'or':
        return this.each(expression.operands, plan, (operand, next) =>
          this.fail(operand, next, path),
        );
      case 'compare':
        if (expression.operator === '=' && expression.right === YES) {
          return this.reach(expression.left, 0, plan, path);
        }
        return expression.operator === '!=' && expression.right === NO
          ? this.reach(expression.left, 0, plan, path)
          : [];
    }
  }

  private each(
    operands: readonly Expression[],
    plan: Plan,
    step: (operand: Expression, plan: Plan) => Plan[],
  ): Plan[] {
    let plans: Plan[] = [plan];
    for (const operand of operands) {
      plans = plans.flatMap((next) => step(operand, next)).slice(0, BOUNDS.plans);
      if (plans.length === 0) return [];
    }
    return plans;
  }

  /** Sets a symbol that is compared with a constant, where that is plain to see; other comparisons are not solved. */
  private compare(
    expression: Expression & { kind: 'compare' },
    plan: Plan,
    path: readonly KconfigSymbol[],
  ): Plan[] {
    const { left, right, operator } = expression;
    if (right.kind === 'constant' && isLogical(left.type)) {
      if (operator === '=') {
        const index = ['n', 'm', 'y'].indexOf(right.name);
        return index < 0 ? [] : this.reach(left, index as Tristate, plan, path);
      }
      if (operator === '!=') return this.reach(left, right === NO ? 2 : 0, plan, path);
      return [];
    }
    if (operator !== '=' || !left.isDefined || isLogical(left.type)) return [];
    if (this.evaluation.visibility(left) === 0) return [];
    return [new Map([...plan, [left, right.name]])];
  }
}

function disjuncts(expression: Expression | null): readonly Expression[] {
  if (expression === null) return [];
  return expression.kind === 'or' ? expression.operands : [expression];
}
