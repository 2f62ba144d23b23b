// SPDX-License-Identifier: BSD-3-Clause
import { isTarget, type Target } from '../target.js';

const ASSIGNMENT = /^CONFIG_([A-Za-z0-9_]+)=(.*)$/;
const NOT_SET = /^# CONFIG_([A-Za-z0-9_]+) is not set$/;

/** The symbols of a `.config` or defconfig with their values: `y`, `n` for one that is not set, `42`, a string's text. */
export function parseDefconfig(text: string): Readonly<Record<string, string>> {
  const values: [string, string][] = [];
  for (const line of text.split('\n')) {
    const off = NOT_SET.exec(line)?.[1];
    if (off !== undefined) values.push([off, 'n']);
    const [, symbol, value] = ASSIGNMENT.exec(line) ?? [];
    if (symbol !== undefined && value !== undefined) values.push([symbol, unquoted(value)]);
  }
  return Object.fromEntries(values);
}

/** What a `.config` or defconfig chooses: symbols as builds take them, and the targets. */
export function choicesIn(text: string): {
  readonly symbols: Readonly<Record<string, string>>;
  readonly targets: readonly Target[];
} {
  const values = Object.entries(parseDefconfig(text));
  const chosen = values.filter(([symbol, value]) => symbol.startsWith('TARGET_') && value === 'y');
  const targets = chosen.map(([symbol]) =>
    symbol.slice('TARGET_'.length).toLowerCase().replace('_', '-'),
  );
  return {
    symbols: Object.fromEntries(values.filter(([symbol]) => !symbol.startsWith('TARGET_'))),
    targets: targets.filter(isTarget),
  };
}

/** A line of a `.config`, ended by a newline. `quote` says that the symbol is a string. */
export function configLine(symbol: string, value: string, quote: boolean): string {
  if (quote) return `CONFIG_${symbol}="${value.replaceAll(/["\\]/g, '\\$&')}"\n`;
  return value === 'n' ? `# CONFIG_${symbol} is not set\n` : `CONFIG_${symbol}=${value}\n`;
}

function unquoted(value: string): string {
  return value.length >= 2 && value.startsWith('"') && value.endsWith('"')
    ? value.slice(1, -1).replaceAll(/\\(.)/g, '$1')
    : value;
}
