// SPDX-License-Identifier: BSD-3-Clause
import type { Clock } from '../../src/orchestrator/clock.js';

interface Timer {
  readonly at: number;
  readonly number: number;
  readonly action: () => void;
}

/** Lets everything that is ready to run do so: promises, and what they lead to. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** A clock that stands still until it is told to go on. */
export class FakeClock implements Clock {
  #time = 0;
  #number = 0;
  #jumped = 0;
  readonly #timers = new Set<Timer>();
  readonly #rest: () => Promise<void>;

  /** `rest` resolves when nothing more happens by itself; what works in other threads needs one of its own. */
  constructor(rest: () => Promise<void> = settle) {
    this.#rest = rest;
  }

  now(): number {
    return Date.UTC(2030, 0, 1) + this.#time + this.#jumped;
  }

  /** Sets the wall clock forwards, or back; no time passes. */
  jump(milliseconds: number): void {
    this.#jumped += milliseconds;
  }

  monotonic(): number {
    return this.#time;
  }

  schedule(milliseconds: number, action: () => void): () => void {
    const timer = { at: this.#time + Math.max(0, milliseconds), number: this.#number++, action };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Goes on by so many milliseconds, timer by timer, and lets what each leads to happen before the next. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#time + milliseconds;
    await this.#rest();
    for (let next = this.#next(end); next !== null; next = this.#next(end)) {
      this.#time = Math.max(this.#time, next.at);
      this.#timers.delete(next);
      next.action();
      await this.#rest();
    }
    this.#time = end;
  }

  #next(end: number): Timer | null {
    let best: Timer | null = null;
    for (const timer of this.#timers) {
      if (timer.at > end) continue;
      if (
        best === null ||
        timer.at < best.at ||
        (timer.at === best.at && timer.number < best.number)
      ) {
        best = timer;
      }
    }
    return best;
  }
}
