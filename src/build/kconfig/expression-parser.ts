// SPDX-License-Identifier: BSD-3-Clause
import type { Comparison, Expression, KconfigSymbol } from './model.js';
import { symbolExpression } from './expression.js';
import { KconfigError, type Position } from './kconfig-error.js';
import type { StatementLine, Token } from './lexer.js';
import { LIMITS } from './limits.js';

const COMPARISONS: ReadonlySet<string> = new Set(['=', '!=', '<', '<=', '>', '>=']);

/** Reads the tokens of one statement from left to right. Grammar: the kernel's kconfig-language, "Menu dependencies". */
export class StatementReader {
  private index = 1;
  readonly keyword: string;
  readonly position: Position;

  constructor(
    private readonly line: StatementLine,
    private readonly lookUp: (token: Token) => KconfigSymbol,
  ) {
    const first = line.tokens[0];
    this.keyword = first?.kind === 'word' ? first.text : '';
    this.position = line.position;
  }

  get atEnd(): boolean {
    return this.index >= this.line.tokens.length;
  }

  fail(expected: string): never {
    const token = this.line.tokens[this.index];
    const found = token === undefined ? 'the end of the line' : `"${token.text}"`;
    throw new KconfigError(
      this.position,
      `syntax error: ${expected} expected after "${this.keyword}", found ${found}`,
    );
  }

  /** Ends the statement. */
  finish(): void {
    if (!this.atEnd) this.fail('the end of the line');
  }

  /** Takes the word if it comes next. */
  accept(word: string): boolean {
    const token = this.line.tokens[this.index];
    if (token?.kind !== 'word' || token.text !== word) return false;
    this.index++;
    return true;
  }

  acceptOperator(operator: string): boolean {
    const token = this.line.tokens[this.index];
    if (token?.kind !== 'operator' || token.text !== operator) return false;
    this.index++;
    return true;
  }

  /** An unquoted word, as the name of a symbol is. */
  word(what: string): string {
    const token = this.line.tokens[this.index];
    if (token?.kind !== 'word') this.fail(what);
    this.index++;
    return token.text;
  }

  /** Text: quoted, or one word. */
  text(what: string): string {
    const token = this.line.tokens[this.index];
    if (token === undefined || token.kind === 'operator') this.fail(what);
    this.index++;
    return token.text;
  }

  /** A symbol or, if it is quoted, a constant. */
  symbol(): KconfigSymbol {
    const token = this.line.tokens[this.index];
    if (token === undefined || token.kind === 'operator') this.fail('a symbol');
    this.index++;
    return this.lookUp(token);
  }

  /** An optional `if <expr>` and the end of the statement. */
  conditionToEnd(): Expression | null {
    const condition = this.accept('if') ? this.expression() : null;
    this.finish();
    return condition;
  }

  expression(): Expression {
    return this.disjunction(0);
  }

  private disjunction(depth: number): Expression {
    return this.chain('or', '||', () => this.chain('and', '&&', () => this.unary(depth)));
  }

  private chain(kind: 'and' | 'or', operator: string, operand: () => Expression): Expression {
    const first = operand();
    if (!this.acceptOperator(operator)) return first;
    const operands: Expression[] = [];
    const add = (next: Expression) => {
      if (next.kind === kind) operands.push(...next.operands);
      else operands.push(next);
    };
    add(first);
    do {
      add(operand());
    } while (this.acceptOperator(operator));
    return { kind, operands };
  }

  private unary(depth: number): Expression {
    if (depth > LIMITS.expressionDepth) {
      throw new KconfigError(this.position, 'the expression is nested too deeply');
    }
    if (this.acceptOperator('!')) return { kind: 'not', operand: this.unary(depth + 1) };
    if (this.acceptOperator('(')) {
      const inner = this.disjunction(depth + 1);
      if (!this.acceptOperator(')')) this.fail('")"');
      return inner;
    }
    const left = this.symbol();
    const token = this.line.tokens[this.index];
    if (token?.kind === 'operator' && COMPARISONS.has(token.text)) {
      this.index++;
      return {
        kind: 'compare',
        operator: token.text as Comparison,
        left,
        right: this.symbol(),
      };
    }
    return symbolExpression(left);
  }
}
