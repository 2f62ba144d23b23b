// SPDX-License-Identifier: BSD-3-Clause
import type { ConfigurationWarning } from '../ports.js';
import type { KconfigSymbol, SymbolTable } from './symbol-table.js';

type Values = Readonly<Record<string, string>>;

/** The symbols that were asked for and came out otherwise, each with the reason as far as it is known. */
export function compareWithRequest(
  requested: Values,
  resolved: Values,
  table: SymbolTable,
): readonly ConfigurationWarning[] {
  const warnings: ConfigurationWarning[] = [];
  for (const [name, asked] of Object.entries(requested)) {
    const symbol = table.get(name);
    const got = resolved[name] ?? (symbol?.type === 'bool' ? 'n' : '');
    if (symbol === undefined || sameValue(symbol, asked, got)) continue;
    warnings.push(explain(symbol, asked, got, resolved, table));
  }
  return warnings;
}

function sameValue(symbol: KconfigSymbol, asked: string, got: string): boolean {
  if (asked === got) return true;
  const isNumber = symbol.type === 'int' || symbol.type === 'hex';
  return isNumber && got !== '' && asked.toLowerCase() === got.toLowerCase();
}

function explain(
  symbol: KconfigSymbol,
  asked: string,
  got: string,
  resolved: Values,
  table: SymbolTable,
): ConfigurationWarning {
  const outcome = got === '' ? 'it is not set' : `it came out as ${got}`;
  const begin = `${symbol.name}=${asked} was asked for, but ${outcome}`;
  const warning = (needs: string | null, reason: string): ConfigurationWarning => ({
    symbol: symbol.name,
    needs,
    message: `${begin}: ${reason}`,
  });
  if (!symbol.settable) {
    return warning(null, 'it cannot be set by a user; other symbols determine it.');
  }
  const selectors = table.selectorsOf(symbol.name).filter((name) => resolved[name] === 'y');
  if (asked === 'n' && selectors.length > 0) {
    return warning(null, `${selectors.join(', ')} selects it.`);
  }
  const needs = unmet(symbol, resolved);
  if (needs !== null) return warning(needs, `it needs ${needs}.`);
  return warning(
    null,
    'another member of its choice was chosen, or its range depends on other symbols.',
  );
}

/** The part of the symbol's dependencies that does not hold, as an expression, or null if all of it may hold. */
function unmet(symbol: KconfigSymbol, resolved: Values): string | null {
  const alternatives = symbol.dependsOn.map((expressions) =>
    expressions.flatMap(conjuncts).filter((term) => holds(term, resolved) !== true),
  );
  if (alternatives.length === 0 || alternatives.some((terms) => terms.length === 0)) return null;
  const texts = alternatives.map((terms) => terms.map(bracketed).join(' && '));
  return texts.length === 1 ? (texts[0] ?? null) : texts.map((text) => `(${text})`).join(' || ');
}

/** The terms that are joined by `&&` outside of parentheses. */
function conjuncts(expression: string): readonly string[] {
  const terms: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < expression.length; at += 1) {
    if (expression[at] === '(') depth += 1;
    else if (expression[at] === ')') depth -= 1;
    else if (depth === 0 && expression.startsWith('||', at)) return [expression.trim()];
    else if (depth === 0 && expression.startsWith('&&', at)) {
      terms.push(expression.slice(start, at));
      start = at + 2;
    }
  }
  terms.push(expression.slice(start));
  return terms.map((term) => term.trim()).filter((term) => term !== '');
}

function bracketed(term: string): string {
  return term.includes('||') && !(term.startsWith('(') && term.endsWith(')')) ? `(${term})` : term;
}

/** Whether a term holds, or null if it is more than a symbol, its negation or a comparison with a constant. */
function holds(term: string, resolved: Values): boolean | null {
  const negated = /^!\s*([A-Za-z0-9_]+)$/.exec(term)?.[1];
  if (negated !== undefined) return (resolved[negated] ?? 'n') === 'n';
  if (/^[A-Za-z0-9_]+$/.test(term)) return term === 'y' || (resolved[term] ?? 'n') !== 'n';
  const [, name, operator, text] = /^([A-Za-z0-9_]+)\s*(!?=)\s*"?([^"]*)"?$/.exec(term) ?? [];
  if (name === undefined || text === undefined) return null;
  return ((resolved[name] ?? 'n') === text) === (operator === '=');
}
