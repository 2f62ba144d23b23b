// SPDX-License-Identifier: BSD-3-Clause
import type { KconfigSymbol, Property } from './model.js';
import { isValidText } from './number.js';
import { isLogical } from './symbol.js';
import type { TreeBuilder } from './tree-builder.js';

/** Warns about properties that do not fit the type of their symbol, in the words of `kconfig-conf`. */
export function checkDefinitions(builder: TreeBuilder): void {
  for (const symbol of builder.symbols) {
    for (const node of symbol.nodes) {
      for (const property of node.properties) {
        const message = complaint(symbol, property);
        if (message !== null) builder.warn(property.position, message);
      }
    }
  }
}

function complaint(symbol: KconfigSymbol, property: Property): string | null {
  const { type, name } = symbol;
  switch (property.kind) {
    case 'prompt':
      return null;
    case 'default': {
      if (type !== 'string' && type !== 'int' && type !== 'hex') return null;
      if (property.value.kind !== 'symbol') {
        return `default for config symbol '${name}' must be a single symbol`;
      }
      return type === 'string' || isNumber(symbol, property.value.symbol)
        ? null
        : `'${name}': number is invalid`;
    }
    case 'select':
    case 'imply': {
      const { target, kind } = property;
      if (!isLogical(type)) {
        return `config symbol '${name}' uses ${kind}, but is not boolean or tristate`;
      }
      return target.type === 'unknown' || isLogical(target.type)
        ? null
        : `'${target.name}' has wrong type. '${kind}' only accept arguments of boolean and tristate type`;
    }
    case 'range':
      if (type !== 'int' && type !== 'hex') return 'range is only allowed for int or hex symbols';
      return isNumber(symbol, property.low) && isNumber(symbol, property.high)
        ? null
        : 'range is invalid';
  }
}

function isNumber(symbol: KconfigSymbol, value: KconfigSymbol): boolean {
  return value.type === 'int' || value.type === 'hex' || isValidText(symbol.type, value.name);
}
