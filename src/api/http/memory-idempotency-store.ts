// SPDX-License-Identifier: BSD-3-Clause
import type { IdempotencyStore, RecordedAnswer } from '../services.js';

const LIFETIME_MILLISECONDS = 24 * 3600 * 1000;
const MAXIMUM_BYTES = 16 * 1024 * 1024;

/** Keeps answers in memory for a day, the oldest going first when they take more than 16 MiB. */
export class MemoryIdempotencyStore implements IdempotencyStore {
  readonly #answers = new Map<string, { readonly answer: RecordedAnswer; readonly at: number }>();
  #bytes = 0;

  constructor(private readonly now: () => number = Date.now) {}

  load(key: string): Promise<RecordedAnswer | null> {
    this.#expire();
    return Promise.resolve(this.#answers.get(key)?.answer ?? null);
  }

  save(key: string, answer: RecordedAnswer): Promise<void> {
    this.#remove(key);
    this.#answers.set(key, { answer, at: this.now() });
    this.#bytes += sizeOf(key, answer);
    this.#expire();
    return Promise.resolve();
  }

  #expire(): void {
    for (const [key, { at }] of this.#answers) {
      const tooOld = this.now() - at >= LIFETIME_MILLISECONDS;
      if (!tooOld && this.#bytes <= MAXIMUM_BYTES) return;
      this.#remove(key);
    }
  }

  #remove(key: string): void {
    const entry = this.#answers.get(key);
    if (entry === undefined) return;
    this.#answers.delete(key);
    this.#bytes -= sizeOf(key, entry.answer);
  }
}

function sizeOf(key: string, answer: RecordedAnswer): number {
  return key.length + answer.body.length + 256;
}
