// SPDX-License-Identifier: BSD-3-Clause
import type { MenuNode } from './model.js';

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
