// SPDX-License-Identifier: BSD-3-Clause
import type { Position } from './kconfig-error.js';

// Symbols, expressions and entries name each other, so they stand in one file.

/** n = 0, m = 1, y = 2: `&&` is the minimum, `||` the maximum, `!` the distance from 2. */
export type Tristate = 0 | 1 | 2;

export type SymbolType = 'unknown' | 'bool' | 'tristate' | 'int' | 'hex' | 'string';

/** A condition, or null where there is none, which counts as y. */
export type Condition = Expression | null;

interface PropertyBase {
  readonly node: MenuNode;
  readonly position: Position;
  /** The property's own `if` together with what its menu entry depends on. */
  condition: Condition;
}

export interface Prompt extends PropertyBase {
  readonly kind: 'prompt';
  readonly text: string;
  /** `visible if` of the menus around it, which becomes part of the condition. */
  readonly visibleIf: Condition;
}

export interface Default extends PropertyBase {
  readonly kind: 'default';
  readonly value: Expression;
}

/** `select` forces the target up to this symbol's value; `imply` does so unless the user or a dependency objects. */
export interface Selection extends PropertyBase {
  readonly kind: 'select' | 'imply';
  readonly target: KconfigSymbol;
}

export interface Range extends PropertyBase {
  readonly kind: 'range';
  readonly low: KconfigSymbol;
  readonly high: KconfigSymbol;
}

export type Property = Prompt | Default | Selection | Range;

/**
 * A symbol of the tree: a `config` or `menuconfig`, a choice (which has no name unless it was given one), or a constant.
 * A name that is used and never defined is a `config` of type `unknown`: it counts as n, and as its own name where it is
 * compared. Filled in while the tree is loaded, never changed afterwards.
 */
export class KconfigSymbol {
  type: SymbolType = 'unknown';
  /** Where it is defined, in the order of the files; empty if it is only used. */
  readonly nodes: MenuNode[] = [];
  readonly prompts: Prompt[] = [];
  readonly defaults: Default[] = [];
  readonly selections: Selection[] = [];
  readonly ranges: Range[] = [];
  /** `depends on` of all definitions, any of which will do. */
  directDependency: Condition = null;
  /** By what it is selected, joined by `||`; null if by nothing. */
  selectedBy: Expression | null = null;
  /** By what it is implied, joined by `||`; null if by nothing. */
  impliedBy: Expression | null = null;
  /** The choice that it is a member of. */
  choice: KconfigSymbol | null = null;
  /** The members, if it is a choice. */
  readonly members: KconfigSymbol[] = [];
  /** A choice that may be left without a member that is y. */
  optional = false;
  /** Its value comes from the environment (`option env`), so it is not written. */
  fromEnvironment = false;
  /** `allnoconfig` turns it on. */
  allnoconfigY = false;

  constructor(
    readonly kind: 'config' | 'choice' | 'constant',
    readonly name: string,
    /** Place in the tree's list of symbols; -1 for a constant. */
    readonly index: number,
  ) {}

  get isDefined(): boolean {
    return this.nodes.length > 0;
  }
}

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=';

/** A dependency expression; `and` and `or` hold two operands or more, none of them of the same kind. */
export type Expression =
  | { readonly kind: 'symbol'; readonly symbol: KconfigSymbol }
  | { readonly kind: 'not'; readonly operand: Expression }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Expression[] }
  | {
      readonly kind: 'compare';
      readonly operator: Comparison;
      readonly left: KconfigSymbol;
      readonly right: KconfigSymbol;
    };

export type MenuKind = 'root' | 'config' | 'menuconfig' | 'choice' | 'menu' | 'comment' | 'if';

/** One entry of the menu tree. Filled in while the tree is loaded, never changed afterwards. */
export class MenuNode {
  children: MenuNode[] = [];
  prompt: Prompt | null = null;
  /** `depends on`, and after loading also what the entries around it depend on. */
  dependency: Condition = null;
  /** `visible if` of a menu: limits the prompts inside, not the symbols. */
  visibleIf: Condition = null;
  help: string | null = null;
  /** The properties that this entry gives to its symbol, in order. */
  readonly properties: Property[] = [];

  constructor(
    readonly kind: MenuKind,
    readonly symbol: KconfigSymbol | null,
    readonly position: Position,
    public parent: MenuNode | null,
  ) {}
}
