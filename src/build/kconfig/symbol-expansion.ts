// SPDX-License-Identifier: BSD-3-Clause
import { KconfigError, type Position } from './kconfig-error.js';
import { LIMITS } from './limits.js';
import type { TreeBuilder } from './tree-builder.js';

/**
 * Replaces `$NAME` by the value of a symbol, as kconfig before Linux 4.18 does in `source`, `mainmenu` and defconfig lists.
 * While files are being read a symbol has a value only if it comes from the environment (`option env`) or has one constant
 * as its first default without a condition. Any other name expands to nothing, with a warning.
 * @throws KconfigError if the text grows too long
 */
export function expandSymbols(builder: TreeBuilder, text: string, position: Position): string {
  const expanded = text.replace(/\$([A-Za-z0-9_]+)/g, (_whole, name: string) => {
    const symbol = builder.byName.get(name);
    const first = symbol?.defaults[0];
    if (first?.condition === null && first.value.kind === 'symbol') {
      const value = first.value.symbol;
      if (value.kind === 'constant' || !value.isDefined) return value.name;
    }
    builder.warn(position, `"$${name}" has no value here, and expands to nothing`);
    return '';
  });
  if (expanded.length > LIMITS.lineLength) {
    throw new KconfigError(position, 'the text expands to too much');
  }
  return expanded;
}
