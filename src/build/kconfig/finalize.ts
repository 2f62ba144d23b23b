// SPDX-License-Identifier: BSD-3-Clause
import type { Condition, Expression, KconfigSymbol, MenuNode } from './model.js';
import { allOf, eitherOf, mentions, symbolExpression, termCount } from './expression.js';
import { KconfigError } from './kconfig-error.js';
import { LIMITS } from './limits.js';
import {
  coversVisibility,
  requires,
  resolveModule,
  simplify,
  withoutComparisons,
} from './simplify.js';
import { MODULE, YES } from './symbol.js';
import type { TreeBuilder } from './tree-builder.js';

/**
 * Gives the tree the shape in which it is evaluated, as the kernel's kconfig-language describes under "Menu structure":
 * dependencies are handed down to the entries inside, entries that depend on the one before become its submenu, ifs and
 * entries without a prompt dissolve into the menu around them, choices get their members, and symbols learn by what they
 * are selected and implied.
 */
export function finalizeTree(builder: TreeBuilder): void {
  new Finalizer(builder).run();
}

/** Goes once over the entries of a menu; an entry takes those that follow it as its own by moving the cursor. */
interface Cursor {
  readonly entries: readonly MenuNode[];
  next: number;
}

function advance(cursor: Cursor): MenuNode | null {
  return cursor.entries[cursor.next++] ?? null;
}

function disjunction(
  first: Expression | null,
  others: readonly Expression[] | undefined,
): Expression | null {
  if (others === undefined) return first;
  const all = first === null ? others : [first, ...others];
  const operands = all.flatMap((part) => (part.kind === 'or' ? part.operands : [part]));
  const only = operands[0];
  return operands.length === 1 && only !== undefined ? only : { kind: 'or', operands };
}

class Finalizer {
  private terms = 0;
  private readonly selectors = new Map<KconfigSymbol, Expression[]>();
  private readonly impliers = new Map<KconfigSymbol, Expression[]>();
  private readonly checked = new Set<KconfigSymbol>();

  constructor(private readonly builder: TreeBuilder) {}

  run(): void {
    const { root, symbols } = this.builder;
    this.finalize(root, { entries: [root], next: 1 }, 0);
    for (const symbol of symbols) {
      symbol.selectedBy = disjunction(symbol.selectedBy, this.selectors.get(symbol));
      symbol.impliedBy = disjunction(symbol.impliedBy, this.impliers.get(symbol));
    }
  }

  /** Finishes `node`, which the cursor has just passed, and what is below it. */
  private finalize(node: MenuNode, cursor: Cursor, depth: number): void {
    if (depth > LIMITS.blockDepth) {
      throw new KconfigError(node.position, 'menus and submenus are nested too deeply');
    }
    if (node.children.length > 0) {
      this.finalizeChildren(node, depth);
    } else if (node.symbol !== null) {
      this.adoptFollowing(node, node.symbol, cursor, depth);
      if (node.symbol.kind === 'config') {
        // A definition without a dependency adds nothing here, rather than y: so it is in kconfig-conf.
        node.symbol.directDependency = eitherOf(node.symbol.directDependency, node.dependency);
      }
    }
    this.dissolve(node);
    const { symbol } = node;
    if (symbol?.kind === 'choice' && !symbol.optional && node.prompt !== null) {
      // A choice that is not optional has a value as soon as it is visible.
      const visible = allOf(node.prompt.condition, symbolExpression(MODULE));
      symbol.selectedBy = eitherOf(symbol.selectedBy, visible);
    }
    if (symbol !== null) this.checkDefinition(node, symbol);
  }

  private finalizeChildren(node: MenuNode, depth: number): void {
    if (node.kind === 'choice') this.typeMembers(node);
    const around = this.inherited(node);
    for (const child of node.children) this.inherit(child, around);
    const cursor: Cursor = { entries: node.children, next: 0 };
    const kept: MenuNode[] = [];
    for (let child = advance(cursor); child !== null; child = advance(cursor)) {
      kept.push(child);
      this.finalize(child, cursor, depth + 1);
    }
    node.children = kept;
  }

  private checkDefinition(node: MenuNode, symbol: KconfigSymbol): void {
    if (this.checked.has(symbol)) return;
    this.checked.add(symbol);
    if (symbol.type === 'unknown') {
      this.builder.warn(node.position, 'config symbol defined without type');
    }
    if (symbol.kind === 'choice' && node.prompt === null) {
      this.builder.warn(node.position, 'choice must have a prompt');
    }
  }

  /** The type of a choice is that of its first member with one; members without a type get the choice's. */
  private typeMembers(node: MenuNode): void {
    const choice = node.symbol;
    if (choice === null) return;
    const members = node.children.flatMap((child) => (child.symbol === null ? [] : [child]));
    if (choice.type === 'unknown') {
      const first = members.find((member) => member.symbol?.type !== 'unknown')?.symbol;
      if (first !== undefined && first !== null) {
        this.builder.setType(choice, first.type, node.position);
      }
    }
    for (const member of members) {
      if (member.symbol?.type === 'unknown') {
        this.builder.setType(member.symbol, choice.type, member.position);
      }
    }
  }

  /** What the entries inside of `node` depend on because of it. The mode of a choice bounds its members. */
  private inherited(node: MenuNode): Condition {
    if (node.kind === 'choice' && node.symbol !== null) return symbolExpression(node.symbol);
    return node.prompt === null ? node.dependency : node.prompt.condition;
  }

  private inherit(child: MenuNode, around: Condition): void {
    child.dependency = allOf(around, this.prepare(child.dependency));
    this.count(child.dependency, child);
    for (const property of child.properties) {
      const own = this.prepare(property.condition);
      // An m in `visible if` is taken as it stands, also where there are no modules.
      const visibleIf = property.kind === 'prompt' ? property.visibleIf : null;
      property.condition = allOf(
        child.dependency,
        own,
        visibleIf === null ? null : simplify(visibleIf),
      );
      if (
        property.condition !== null &&
        child.symbol !== null &&
        child.symbol.type !== 'tristate'
      ) {
        property.condition = withoutComparisons(property.condition);
      }
      this.count(property.condition, child);
      if (property.kind !== 'select' && property.kind !== 'imply') continue;
      const { symbol } = child;
      if (symbol === null) continue;
      const reasons = property.kind === 'select' ? this.selectors : this.impliers;
      const reason = allOf(symbolExpression(symbol), property.condition) ?? symbolExpression(YES);
      const known = reasons.get(property.target);
      if (known === undefined) reasons.set(property.target, [reason]);
      else known.push(reason);
    }
  }

  private prepare(condition: Condition): Condition {
    return condition === null ? null : simplify(resolveModule(condition, this.builder.modules));
  }

  private count(condition: Condition, node: MenuNode): void {
    const terms = termCount(condition);
    this.terms += terms;
    if (terms > LIMITS.conditionTerms || this.terms > LIMITS.expressionTerms) {
      throw new KconfigError(node.position, 'the dependencies are too large');
    }
  }

  /** Entries that follow `node` and depend on it, or are visible only if it is, become its submenu. */
  private adoptFollowing(
    node: MenuNode,
    symbol: KconfigSymbol,
    cursor: Cursor,
    depth: number,
  ): void {
    const visibility = node.prompt === null ? null : node.prompt.condition;
    for (;;) {
      const next = cursor.entries[cursor.next];
      if (next === undefined) return;
      const dependency = next.prompt === null ? next.dependency : next.prompt.condition;
      if (dependency === null || !mentions(dependency, symbol)) return;
      if (!requires(dependency, symbol) && !coversVisibility(dependency, visibility)) return;
      cursor.next++;
      this.finalize(next, cursor, depth + 1);
      next.parent = node;
      node.children.push(next);
    }
  }

  /** Takes the members of a choice, and puts the contents of entries without a prompt behind them. */
  private dissolve(node: MenuNode): void {
    const result: MenuNode[] = [];
    const pending = [...node.children].reverse();
    for (let child = pending.pop(); child !== undefined; child = pending.pop()) {
      if (node.symbol?.kind === 'choice' && child.symbol !== null && child.symbol.choice === null) {
        this.addMember(node.symbol, child, child.symbol);
      }
      result.push(child);
      if (child.children.length > 0 && child.prompt === null) {
        for (const inner of child.children) inner.parent = node;
        pending.push(...[...child.children].reverse());
        child.children = [];
      }
    }
    node.children = result;
  }

  private addMember(choice: KconfigSymbol, child: MenuNode, member: KconfigSymbol): void {
    member.choice = choice;
    choice.members.push(member);
    if (child.prompt === null) {
      this.builder.warn(child.position, 'choice value must have a prompt');
    }
    for (const property of member.defaults) {
      this.builder.warn(property.position, 'defaults for choice values not supported');
    }
    for (const prompt of member.prompts) {
      if (prompt.node !== child && prompt.node.parent?.symbol !== choice) {
        this.builder.warn(prompt.position, 'choice value used outside its choice group');
      }
    }
    if (choice.type !== 'tristate' || member.type === 'tristate') return;
    // A bool in a choice of modules can be chosen only where the choice is y.
    const whole: Expression = { kind: 'compare', operator: '=', left: choice, right: YES };
    child.dependency = allOf(whole, child.dependency);
    for (const property of child.properties) {
      property.condition = allOf(whole, property.condition);
    }
  }
}
