// SPDX-License-Identifier: BSD-3-Clause
import type { Condition, Default, Expression, KconfigSymbol, Range, Tristate } from './model.js';
import { compareValues, leadingInteger } from './number.js';
import { constantValue, isLogical, tristateLetter } from './symbol.js';
import type { KconfigTree } from './tree.js';
import type { UserValues } from './user-values.js';

/** All symbols' values. Compute it with `evaluate`; it does not change afterwards. */
export class Evaluation {
  /** Values of bool and tristate symbols and modes of choices. */
  private readonly values: Uint8Array;
  private readonly texts: (string | undefined)[];
  private readonly visibilities: Uint8Array;
  private readonly forced: Uint8Array;
  private readonly implied: Uint8Array;
  private readonly written: Uint8Array;
  private readonly done: Uint8Array;
  private readonly chosen: (KconfigSymbol | null)[];
  private modulesValue: Tristate = 0;
  /** Choices whose own value was set, though a visible member has none: they count as new the next time. */
  readonly incompleteChoices: KconfigSymbol[] = [];
  /** Symbols that were selected although what they depend on is n. */
  readonly unmetSelections: KconfigSymbol[] = [];

  constructor(
    readonly tree: KconfigTree,
    readonly user: UserValues,
  ) {
    const count = tree.symbols.length;
    this.values = new Uint8Array(count);
    this.texts = new Array<string | undefined>(count);
    this.visibilities = new Uint8Array(count);
    this.forced = new Uint8Array(count);
    this.implied = new Uint8Array(count);
    this.written = new Uint8Array(count);
    this.done = new Uint8Array(count);
    this.chosen = new Array<KconfigSymbol | null>(count).fill(null);
    for (const symbol of tree.order) {
      this.compute(symbol);
      if (symbol === tree.modules) this.modulesValue = this.tristate(symbol);
    }
  }

  /** n, m or y: the value of a bool or tristate symbol, the mode of a choice; 0 for anything else. */
  tristate(symbol: KconfigSymbol): Tristate {
    return symbol.index < 0
      ? constantValue(symbol)
      : ((this.values[symbol.index] ?? 0) as Tristate);
  }

  /** The value as text: `y`, `m` or `n`; a number or text as it was set; a name, where the tree does not define the symbol. */
  text(symbol: KconfigSymbol): string {
    if (isLogical(symbol.type)) return tristateLetter(this.tristate(symbol));
    return symbol.type === 'unknown' ? symbol.name : (this.texts[symbol.index] ?? '');
  }

  /** How far the user can see it: the most that any of its prompts allows. */
  visibility(symbol: KconfigSymbol): Tristate {
    return (this.visibilities[symbol.index] ?? 0) as Tristate;
  }

  /** The least that selects allow. */
  selectedTo(symbol: KconfigSymbol): Tristate {
    return (this.forced[symbol.index] ?? 0) as Tristate;
  }

  impliedTo(symbol: KconfigSymbol): Tristate {
    return (this.implied[symbol.index] ?? 0) as Tristate;
  }

  /** Whether a `.config` has a line for it. */
  isWritten(symbol: KconfigSymbol): boolean {
    return this.written[symbol.index] === 1;
  }

  /** Whether the user can set it to something else. */
  isChangeable(symbol: KconfigSymbol): boolean {
    return this.visibility(symbol) > this.selectedTo(symbol);
  }

  /** The member of the choice that is y, or null. */
  chosenMember(choice: KconfigSymbol): KconfigSymbol | null {
    return this.chosen[choice.index] ?? null;
  }

  get hasModules(): boolean {
    return this.modulesValue !== 0;
  }

  /** The value of an expression under these values. */
  expression(expression: Condition): Tristate {
    if (expression === null) return 2;
    switch (expression.kind) {
      case 'symbol': {
        const { symbol } = expression;
        if (symbol.index < 0) return constantValue(symbol);
        if (this.done[symbol.index] === 0) this.compute(symbol);
        return this.values[symbol.index] as Tristate;
      }
      case 'not':
        return (2 - this.expression(expression.operand)) as Tristate;
      case 'and': {
        let least: Tristate = 2;
        for (const operand of expression.operands) {
          const value = this.expression(operand);
          if (value < least) least = value;
          if (least === 0) break;
        }
        return least;
      }
      case 'or': {
        let most: Tristate = 0;
        for (const operand of expression.operands) {
          const value = this.expression(operand);
          if (value > most) most = value;
          if (most === 2) break;
        }
        return most;
      }
      case 'compare':
        return this.comparison(expression) ? 2 : 0;
    }
  }

  /** The first default whose condition is not n. */
  activeDefault(symbol: KconfigSymbol): { property: Default; limit: Tristate } | null {
    for (const property of symbol.defaults) {
      const limit = this.expression(property.condition);
      if (limit !== 0) return { property, limit };
    }
    return null;
  }

  /** The first range whose condition is not n, with its bounds. */
  activeRange(symbol: KconfigSymbol): { property: Range; low: bigint; high: bigint } | null {
    for (const property of symbol.ranges) {
      if (this.expression(property.condition) === 0) continue;
      const base = symbol.type === 'hex' ? 16 : 10;
      return {
        property,
        low: leadingInteger(this.operand(property.low), baseOf(property.low, base)),
        high: leadingInteger(this.operand(property.high), baseOf(property.high, base)),
      };
    }
    return null;
  }

  /** The member that a choice has if the user does not choose: its first default that is visible, else the first visible. */
  defaultMember(choice: KconfigSymbol): KconfigSymbol | null {
    for (const property of choice.defaults) {
      if (this.expression(property.condition) === 0) continue;
      const { value } = property;
      if (value.kind === 'symbol' && this.visibility(value.symbol) !== 0) return value.symbol;
    }
    return choice.members.find((member) => this.visibility(member) !== 0) ?? null;
  }

  private comparison(expression: Expression & { kind: 'compare' }): boolean {
    const { left, right, operator } = expression;
    const order = compareValues(this.operand(left), left.type, this.operand(right), right.type);
    switch (operator) {
      case '=':
        return order === 0;
      case '!=':
        return order !== 0;
      case '<':
        return order < 0;
      case '<=':
        return order <= 0;
      case '>':
        return order > 0;
      case '>=':
        return order >= 0;
    }
  }

  private operand(symbol: KconfigSymbol): string {
    if (symbol.index >= 0 && this.done[symbol.index] === 0) this.compute(symbol);
    return this.text(symbol);
  }

  /** The tree has been checked for circles, so this ends; in the tree's order it does not even recurse. */
  private compute(symbol: KconfigSymbol): void {
    const { index } = symbol;
    if (index < 0 || this.done[index] === 1) return;
    // A member is decided by its choice, and asking for the choice from within a member's prompt must find it decided.
    if (symbol.choice !== null && this.done[symbol.choice.index] === 0) this.compute(symbol.choice);
    this.done[index] = 1;
    // Without a type there is no value. A choice has none either if its members' types are hidden in an `if`.
    if (symbol.type === 'unknown') return;
    if (symbol.kind === 'choice') {
      this.computeChoice(symbol);
      return;
    }
    this.computeVisibility(symbol);
    if (isLogical(symbol.type)) this.computeLogical(symbol);
    else this.computeText(symbol);
    if (symbol.fromEnvironment) this.written[index] = 0;
  }

  private computeVisibility(symbol: KconfigSymbol): void {
    const { index, choice } = symbol;
    let visible: Tristate = 0;
    for (const prompt of symbol.prompts) {
      let value = this.expression(prompt.condition);
      // In a choice that is y a member that could only be m has nothing to offer.
      if (choice !== null && symbol.type === 'tristate' && value === 1) {
        if (this.values[choice.index] === 2) value = 0;
      }
      if (value > visible) visible = value;
      if (visible === 2) break;
    }
    if (visible === 1 && (symbol.type !== 'tristate' || this.modulesValue === 0)) visible = 2;
    this.visibilities[index] = visible;
    if (choice !== null) return;
    const whole = this.isBoolean(symbol);
    this.forced[index] = this.reverse(symbol.selectedBy, whole);
    if (symbol.impliedBy !== null && this.expression(symbol.directDependency) !== 0) {
      this.implied[index] = this.reverse(symbol.impliedBy, whole);
    }
  }

  private reverse(expression: Expression | null, whole: boolean): Tristate {
    if (expression === null) return 0;
    const value = this.expression(expression);
    return value === 1 && whole ? 2 : value;
  }

  /** Whether m is not a value of it: a bool, any symbol without modules, a member of a choice that is y. */
  private isBoolean(symbol: KconfigSymbol): boolean {
    if (symbol.type !== 'tristate') return symbol.type === 'bool';
    return (symbol.choice !== null && this.visibility(symbol) === 2) || this.modulesValue === 0;
  }

  private computeLogical(symbol: KconfigSymbol): void {
    const { index, choice } = symbol;
    const visible = this.visibility(symbol);
    if (choice !== null && visible === 2) {
      this.values[index] = this.chosen[choice.index] === symbol ? 2 : 0;
      if (this.written[choice.index] === 1) this.written[index] = 1;
      return;
    }
    const user = visible === 0 ? null : this.user.tristate(symbol);
    const forced = this.selectedTo(symbol);
    let value: Tristate = 0;
    if (visible !== 0) this.written[index] = 1;
    if (user !== null) {
      value = user < visible ? user : visible;
    } else {
      if (forced !== 0) this.written[index] = 1;
      const chosen = this.activeDefault(symbol);
      if (chosen !== null) {
        this.written[index] = 1;
        const wanted = this.expression(chosen.property.value);
        value = wanted < chosen.limit ? wanted : chosen.limit;
      }
      const implied = this.impliedTo(symbol);
      if (implied !== 0) {
        this.written[index] = 1;
        if (implied > value) value = implied;
      }
    }
    if (forced !== 0 && choice === null && this.expression(symbol.directDependency) === 0) {
      this.unmetSelections.push(symbol);
    }
    if (forced > value) value = forced;
    if (value === 1 && (this.isBoolean(symbol) || this.impliedTo(symbol) === 2)) value = 2;
    this.values[index] = value;
  }

  private computeText(symbol: KconfigSymbol): void {
    const { index } = symbol;
    let value = '';
    const user = this.visibility(symbol) === 0 ? null : this.user.text(symbol);
    if (this.visibility(symbol) !== 0) this.written[index] = 1;
    if (user !== null) {
      value = user;
    } else {
      const chosen = this.activeDefault(symbol);
      if (chosen?.property.value.kind === 'symbol') {
        this.written[index] = 1;
        value = this.defaultText(chosen.property.value.symbol);
      }
    }
    this.texts[index] = this.withinRange(symbol, value);
  }

  /**
   * What a text symbol takes over from the symbol that its default names. A bool or tristate has no text: `kconfig-conf` takes
   * it for "n" whatever its value is, and only the constants m and y stand for themselves.
   */
  defaultText(source: KconfigSymbol): string {
    if (source.kind === 'constant') return source.name;
    return isLogical(source.type) ? 'n' : this.operand(source);
  }

  private withinRange(symbol: KconfigSymbol, value: string): string {
    if (symbol.ranges.length === 0 || symbol.type === 'string') return value;
    const range = this.activeRange(symbol);
    if (range === null) return value;
    const number = leadingInteger(value, symbol.type === 'hex' ? 16 : 10);
    if (number >= range.low && number <= range.high) return value;
    const nearest = number < range.low ? range.low : range.high;
    return symbol.type === 'hex'
      ? `0x${BigInt.asUintN(64, nearest).toString(16)}`
      : nearest.toString();
  }

  private computeChoice(choice: KconfigSymbol): void {
    const { index } = choice;
    this.computeVisibility(choice);
    const visible = this.visibility(choice);
    const forced = this.selectedTo(choice);
    const user = visible === 0 ? null : this.user.tristate(choice);
    let mode: Tristate = 0;
    if (user !== null) mode = user < visible ? user : visible;
    if (forced > mode) mode = forced;
    if (mode === 1 && this.isBoolean(choice)) mode = 2;
    if (visible !== 0 || forced !== 0) this.written[index] = 1;
    this.values[index] = mode;
    if (mode === 2) {
      this.chosen[index] = this.choose(choice);
      if (this.chosen[index] === null) this.values[index] = 0;
    }
  }

  private choose(choice: KconfigSymbol): KconfigSymbol | null {
    let complete = true;
    for (const member of choice.members) {
      this.computeVisibility(member);
      if (this.visibility(member) !== 0 && !this.user.has(member)) complete = false;
    }
    if (!complete && this.user.has(choice)) this.incompleteChoices.push(choice);
    const wanted = this.user.chosen[choice.index] ?? null;
    if (wanted !== null && this.visibility(wanted) !== 0) return wanted;
    return this.defaultMember(choice);
  }
}

function baseOf(symbol: KconfigSymbol, otherwise: 10 | 16): 10 | 16 {
  if (symbol.type === 'int') return 10;
  return symbol.type === 'hex' ? 16 : otherwise;
}
