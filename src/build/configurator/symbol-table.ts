// SPDX-License-Identifier: BSD-3-Clause
import type { SymbolDeclaration, SymbolType } from '../pools/index.js';

/** All that is declared of one symbol: a symbol may have several `config` entries. */
export interface KconfigSymbol {
  readonly name: string;
  readonly type: SymbolType;
  /** Whether a user can set it: one of its entries has a prompt. */
  readonly settable: boolean;
  readonly range: { readonly low: string; readonly high: string } | null;
  /** One list for each entry that has a prompt; one of these lists must hold for the symbol to be settable. */
  readonly dependsOn: readonly (readonly string[])[];
}

/** The symbols of a Kconfig tree by name. */
export class SymbolTable {
  readonly #symbols = new Map<string, KconfigSymbol>();
  readonly #selectedBy = new Map<string, string[]>();

  constructor(declarations: readonly SymbolDeclaration[]) {
    const byName = Map.groupBy(declarations, ({ symbol }) => symbol);
    for (const [name, entries] of byName) {
      const shown = entries.filter(({ prompt }) => prompt !== null);
      this.#symbols.set(name, {
        name,
        type: entries.find(({ type }) => type !== null)?.type ?? 'bool',
        settable: shown.length > 0,
        range: entries.find(({ range }) => range !== null)?.range ?? null,
        dependsOn: (shown.length > 0 ? shown : entries).map(({ dependsOn }) => dependsOn),
      });
    }
    for (const { symbol, selects } of declarations) {
      for (const selected of selects) {
        const selectors = this.#selectedBy.get(selected.symbol) ?? [];
        selectors.push(symbol);
        this.#selectedBy.set(selected.symbol, selectors);
      }
    }
  }

  get(name: string): KconfigSymbol | undefined {
    return this.#symbols.get(name);
  }

  /** The symbols that select this one. */
  selectorsOf(name: string): readonly string[] {
    return this.#selectedBy.get(name) ?? [];
  }

  /** The names that a user can set. */
  settableNames(): readonly string[] {
    return [...this.#symbols.values()].filter(({ settable }) => settable).map(({ name }) => name);
  }
}
