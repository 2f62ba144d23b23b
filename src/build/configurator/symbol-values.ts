// SPDX-License-Identifier: BSD-3-Clause
import { UnicoreError, type FieldError } from '../../errors/index.js';
import { nearestNames } from '../nearest-names.js';
import type { KconfigSymbol, SymbolTable } from './symbol-table.js';

export const MAX_SYMBOLS = 1_000;
const MAX_STRING_LENGTH = 1_024;
const NAME = /^[A-Z0-9_]{1,128}$/;

/**
 * Checks that each symbol exists and that its value is one of its type and in its range. Whether the symbol can be had
 * in this configuration is not looked at.
 * @throws UNKNOWN_SYMBOL, INVALID_SYMBOL_VALUE, with every symbol that is at fault
 */
export function checkSymbols(symbols: Readonly<Record<string, string>>, table: SymbolTable): void {
  const requested = Object.entries(symbols);
  if (requested.length > MAX_SYMBOLS) {
    throw new UnicoreError(
      'INVALID_SYMBOL_VALUE',
      `${requested.length} symbols are given; at most ${MAX_SYMBOLS} are taken.`,
    );
  }
  const unknown: FieldError[] = [];
  const invalid: FieldError[] = [];
  for (const [name, value] of requested) {
    const symbol = NAME.test(name) ? table.get(name) : undefined;
    const path = `symbols.${name.slice(0, 128)}`;
    if (symbol === undefined) {
      unknown.push({ path, message: unknownMessage(name, table) });
      continue;
    }
    const problem = problemOf(symbol, value);
    if (problem !== null) invalid.push({ path, message: `${name}: ${problem}` });
  }
  report('UNKNOWN_SYMBOL', unknown);
  report('INVALID_SYMBOL_VALUE', invalid);
}

function report(
  code: 'UNKNOWN_SYMBOL' | 'INVALID_SYMBOL_VALUE',
  errors: readonly FieldError[],
): void {
  const [first] = errors;
  if (first === undefined) return;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  throw new UnicoreError(code, `${first.message}${more}`, { errors });
}

function unknownMessage(name: string, table: SymbolTable): string {
  const shown = JSON.stringify(name.slice(0, 128));
  if (name.startsWith('CONFIG_')) {
    return `There is no symbol ${shown}: leave out the prefix CONFIG_.`;
  }
  const near = nearestNames(name, table.settableNames());
  const hint = near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : '';
  return `There is no symbol ${shown}.${hint}`;
}

/** What is wrong with a value for a symbol, or null. */
function problemOf(symbol: KconfigSymbol, value: string): string | null {
  if (symbol.name.startsWith('TARGET_')) return 'targets are chosen by name, not by symbol';
  switch (symbol.type) {
    case 'bool':
      return value === 'y' || value === 'n' ? null : `must be y or n, not ${quoted(value)}`;
    case 'tristate':
      return /^[ymn]$/.test(value) ? null : `must be y, m or n, not ${quoted(value)}`;
    case 'int':
      return /^-?(0|[1-9][0-9]{0,17})$/.test(value)
        ? rangeProblem(symbol, value)
        : `must be a whole number, not ${quoted(value)}`;
    case 'hex':
      return /^0[xX][0-9a-fA-F]{1,16}$/.test(value)
        ? rangeProblem(symbol, value)
        : `must be a number as 0x1f, not ${quoted(value)}`;
    case 'string':
      return stringProblem(value);
  }
}

function rangeProblem(symbol: KconfigSymbol, value: string): string | null {
  if (symbol.range === null) return null;
  const { low, high } = symbol.range;
  // A bound may be another symbol, whose value is known only when the configuration is resolved.
  const isNumber = /^(-?[0-9]+|0[xX][0-9a-fA-F]+)$/;
  const number = big(value);
  const tooLow = isNumber.test(low) && number < big(low);
  const tooHigh = isNumber.test(high) && number > big(high);
  return tooLow || tooHigh ? `must be from ${low} to ${high}, not ${value}` : null;
}

function big(text: string): bigint {
  return text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text);
}

/**
 * The build rules read the configuration with make (`auto.conf`), where `$` and the grave accent of a string would be run
 * and a number sign would end it, and with C (`autoconf.h`): such strings are refused, whatever a library does with them.
 */
function stringProblem(value: string): string | null {
  if (value.length > MAX_STRING_LENGTH) return `is longer than ${MAX_STRING_LENGTH} characters`;
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  return /[\u0000-\u001f\u007f$`#]/.test(value)
    ? 'may not hold control characters, $, # or `'
    : null;
}

function quoted(value: string): string {
  return JSON.stringify(value.slice(0, 64));
}
