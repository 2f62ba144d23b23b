// SPDX-License-Identifier: BSD-3-Clause
import { KconfigSymbol, type SymbolType, type Tristate } from './model.js';

/** The constants of the tristate logic, the same in each tree. */
export const NO = constantTristate('n');
export const MODULE = constantTristate('m');
export const YES = constantTristate('y');

function constantTristate(name: string): KconfigSymbol {
  const symbol = new KconfigSymbol('constant', name, -1);
  symbol.type = 'tristate';
  return symbol;
}

const LETTERS = ['n', 'm', 'y'] as const;

/** The letter that stands for a tristate in a `.config`. */
export function tristateLetter(value: Tristate): 'n' | 'm' | 'y' {
  return LETTERS[value];
}

/** The value of one of the constants n, m, y; 0 for every other constant. */
export function constantValue(symbol: KconfigSymbol): Tristate {
  if (symbol === YES) return 2;
  return symbol === MODULE ? 1 : 0;
}

/** Whether the type holds n, m or y rather than text. */
export function isLogical(type: SymbolType): boolean {
  return type === 'bool' || type === 'tristate';
}
