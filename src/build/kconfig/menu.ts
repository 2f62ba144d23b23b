// SPDX-License-Identifier: BSD-3-Clause
import type { Position } from './kconfig-error.js';
import type { Condition, KconfigSymbol, Prompt, Property } from './symbol.js';

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

/** All entries below `node` in the order of the files. */
export function* descendants(node: MenuNode): Generator<MenuNode> {
  const pending = [...node.children].reverse();
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    yield next;
    for (let index = next.children.length - 1; index >= 0; index--) {
      const child = next.children[index];
      if (child !== undefined) pending.push(child);
    }
  }
}
