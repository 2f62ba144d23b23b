// SPDX-License-Identifier: BSD-3-Clause

/** Does something to the world; by name, as in `write` or `create`. */
export type Around = <T>(what: string, effect: () => Promise<T>) => Promise<T>;

/** Where a process ends: at which of its effects, counted from 1, and whether that one still takes place. */
export interface Death {
  readonly at: number;
  readonly side: 'before' | 'after';
}

/** Counts what a process does to the world, and ends it at one of these places. */
export class Boundaries {
  /** The names of what was done, in order. */
  readonly passed: string[] = [];
  readonly #death: Death | null;
  readonly #kill: () => void;
  #dead = false;

  /** `kill` ends the process as SIGKILL does: it hears of nothing any more. */
  constructor(death: Death | null, kill: () => void) {
    this.#death = death;
    this.#kill = kill;
  }

  /** Whether the process came as far as its end. */
  get isDead(): boolean {
    return this.#dead;
  }

  readonly around: Around = async (what, effect) => {
    this.passed.push(what);
    if (this.passed.length !== this.#death?.at) return effect();
    if (this.#death.side === 'after') await effect().catch(() => undefined);
    this.#dead = true;
    this.#kill();
    return new Promise<never>(() => undefined);
  };
}
