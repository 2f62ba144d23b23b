// SPDX-License-Identifier: BSD-3-Clause
import type { KconfigSymbol, Tristate } from './model.js';
import type { KconfigTree } from './tree.js';

/** What the user has set, by the index of the symbol. Belongs to whoever made it until it is evaluated. */
export class UserValues {
  /** For bool and tristate symbols and for choices: the value, or -1 where there is none. */
  readonly tristates: Int8Array;
  /** For int, hex and string symbols. */
  readonly texts: (string | null)[];
  /** For choices: the member that was set to y. It is kept when the choice's own value is dropped. */
  readonly chosen: (KconfigSymbol | null)[];

  constructor(private readonly tree: KconfigTree) {
    const count = tree.symbols.length;
    this.tristates = new Int8Array(count).fill(-1);
    this.texts = new Array<string | null>(count).fill(null);
    this.chosen = new Array<KconfigSymbol | null>(count).fill(null);
  }

  has(symbol: KconfigSymbol): boolean {
    return this.tristates[symbol.index] !== -1 || this.texts[symbol.index] !== null;
  }

  /** The tristate that was set, or null. */
  tristate(symbol: KconfigSymbol): Tristate | null {
    const value = this.tristates[symbol.index] ?? -1;
    return value === -1 ? null : (value as Tristate);
  }

  text(symbol: KconfigSymbol): string | null {
    return this.texts[symbol.index] ?? null;
  }

  setTristate(symbol: KconfigSymbol, value: Tristate): void {
    this.tristates[symbol.index] = value;
  }

  setText(symbol: KconfigSymbol, value: string): void {
    this.texts[symbol.index] = value;
  }

  clear(symbol: KconfigSymbol): void {
    this.tristates[symbol.index] = -1;
    this.texts[symbol.index] = null;
  }

  copy(): UserValues {
    const result = new UserValues(this.tree);
    result.tristates.set(this.tristates);
    for (let index = 0; index < this.texts.length; index++) {
      result.texts[index] = this.texts[index] ?? null;
      result.chosen[index] = this.chosen[index] ?? null;
    }
    return result;
  }
}
