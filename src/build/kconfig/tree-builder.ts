// SPDX-License-Identifier: BSD-3-Clause
import {
  type Condition,
  type Expression,
  KconfigSymbol,
  type MenuKind,
  MenuNode,
  type Prompt,
  type Selection,
  type SymbolType,
} from './model.js';
import { allOf } from './expression.js';
import { KconfigError, type KconfigWarning, type Position } from './kconfig-error.js';
import type { Token } from './lexer.js';
import { LIMITS } from './limits.js';
import { MODULE, NO, YES } from './symbol.js';

/** Type names as `kconfig-conf` says them. */
const TYPE_NAMES: Readonly<Record<SymbolType, string>> = {
  unknown: 'unknown',
  bool: 'boolean',
  tristate: 'tristate',
  int: 'integer',
  hex: 'hex',
  string: 'string',
};

/** The tree while it is being read: its symbols by name, its entries, and what was odd about them. */
export class TreeBuilder {
  readonly symbols: KconfigSymbol[] = [];
  readonly warnings: KconfigWarning[] = [];
  readonly root: MenuNode;
  /** What the tree calls itself (`mainmenu`). */
  title = 'Configuration';
  modules: KconfigSymbol | null = null;
  defconfigList: KconfigSymbol | null = null;
  readonly byName = new Map<string, KconfigSymbol>();
  private readonly choices = new Map<string, KconfigSymbol>();
  private readonly constants = new Map<string, KconfigSymbol>([
    ['n', NO],
    ['m', MODULE],
    ['y', YES],
  ]);

  constructor(
    entry: string,
    readonly environment: Readonly<Record<string, string>>,
  ) {
    this.root = new MenuNode('root', null, { file: entry, line: 1 }, null);
  }

  warn(position: Position | null, message: string): void {
    if (this.warnings.length < LIMITS.warnings) this.warnings.push({ position, message });
  }

  /** The symbol that a token names; a quoted one is a constant, and so are n, m and y. */
  symbolOf(token: Token): KconfigSymbol {
    const constant = this.constants.get(token.text);
    if (token.kind === 'string' || token.text === 'n' || token.text === 'm' || token.text === 'y') {
      if (constant !== undefined) return constant;
      const created = new KconfigSymbol('constant', token.text, -1);
      this.constants.set(token.text, created);
      return created;
    }
    return this.configSymbol(token.text);
  }

  configSymbol(name: string): KconfigSymbol {
    const known = this.byName.get(name);
    if (known !== undefined) return known;
    const created = this.newSymbol('config', name);
    this.byName.set(name, created);
    return created;
  }

  /** A choice; those of the same name are one, those without a name are each their own. */
  choiceSymbol(name: string): KconfigSymbol {
    const known = name === '' ? undefined : this.choices.get(name);
    if (known !== undefined) return known;
    const created = this.newSymbol('choice', name);
    if (name !== '') this.choices.set(name, created);
    return created;
  }

  private newSymbol(kind: 'config' | 'choice', name: string): KconfigSymbol {
    if (this.symbols.length >= LIMITS.symbols) {
      throw new KconfigError(
        this.root.position,
        `the tree has more than ${LIMITS.symbols} symbols`,
      );
    }
    const created = new KconfigSymbol(kind, name, this.symbols.length);
    this.symbols.push(created);
    return created;
  }

  addNode(
    kind: MenuKind,
    parent: MenuNode,
    symbol: KconfigSymbol | null,
    position: Position,
  ): MenuNode {
    const node = new MenuNode(kind, symbol, position, parent);
    parent.children.push(node);
    symbol?.nodes.push(node);
    return node;
  }

  setType(symbol: KconfigSymbol, type: SymbolType, position: Position): void {
    if (symbol.type === type) return;
    if (symbol.type === 'unknown') {
      symbol.type = type;
      return;
    }
    this.warn(
      position,
      `ignoring type redefinition of '${symbol.name === '' ? '<choice>' : symbol.name}' from '${TYPE_NAMES[symbol.type]}' to '${TYPE_NAMES[type]}'`,
    );
  }

  /** Gives the entry its prompt. Those of configs and choices are hidden by the `visible if` of the menus around them. */
  addPrompt(node: MenuNode, text: string, condition: Condition, position: Position): void {
    const trimmed = text.trimStart();
    if (trimmed !== text) this.warn(position, 'leading whitespace ignored');
    if (node.prompt !== null) this.warn(position, 'prompt redefined');
    const visibility: Condition[] = [];
    if (node.kind !== 'menu' && node.kind !== 'comment') {
      for (let around = node.parent; around !== null; around = around.parent) {
        visibility.push(around.visibleIf);
      }
    }
    const prompt: Prompt = {
      kind: 'prompt',
      node,
      position,
      text: trimmed,
      condition,
      visibleIf: allOf(...visibility),
    };
    node.prompt = prompt;
    node.properties.push(prompt);
    node.symbol?.prompts.push(prompt);
  }

  addDefault(node: MenuNode, value: Expression, condition: Condition, position: Position): void {
    const property = { kind: 'default', node, position, value, condition } as const;
    node.properties.push(property);
    node.symbol?.defaults.push(property);
  }

  addSelection(
    kind: Selection['kind'],
    node: MenuNode,
    target: KconfigSymbol,
    condition: Condition,
    position: Position,
  ): void {
    const property = { kind, node, position, target, condition } as const;
    node.properties.push(property);
    node.symbol?.selections.push(property);
  }

  addRange(
    node: MenuNode,
    low: KconfigSymbol,
    high: KconfigSymbol,
    condition: Condition,
    position: Position,
  ): void {
    const property = { kind: 'range', node, position, low, high, condition } as const;
    node.properties.push(property);
    node.symbol?.ranges.push(property);
  }

  addDependency(node: MenuNode, expression: Expression): void {
    node.dependency = allOf(node.dependency, expression);
  }

  addVisibility(node: MenuNode, expression: Expression): void {
    node.visibleIf = allOf(node.visibleIf, expression);
  }
}
