// SPDX-License-Identifier: BSD-3-Clause
import type { IdempotencyStore, RecordedAnswer } from '../../../src/api/services.js';

/** Keeps answers in memory, all of them. */
export class MemoryIdempotencyStore implements IdempotencyStore {
  readonly #answers = new Map<string, RecordedAnswer>();

  load(key: string): Promise<RecordedAnswer | null> {
    return Promise.resolve(this.#answers.get(key) ?? null);
  }

  save(key: string, answer: RecordedAnswer): Promise<void> {
    this.#answers.set(key, answer);
    return Promise.resolve();
  }
}
