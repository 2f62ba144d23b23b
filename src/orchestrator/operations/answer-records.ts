// SPDX-License-Identifier: BSD-3-Clause
import type { Clock } from '../clock.js';
import type { Journal, StateChange, StoredDocument } from '../state/index.js';

/** What was answered to a request that carried an idempotency key. */
export interface Answer {
  /** Hash of what the request asked for. */
  readonly fingerprint: string;
  readonly status: number;
  readonly location: string | null;
  /** The body, as JSON text. */
  readonly body: string;
}

interface KeptAnswer {
  readonly answer: Answer;
  /** Wall clock, milliseconds. */
  readonly savedAt: number;
}

const MOST_ANSWERS = 10_000;
const LIFE_MILLISECONDS = 24 * 3_600_000;

/** Answers under their idempotency keys: durable, for a day, and not without number. */
export class AnswerRecords {
  readonly #journal: Journal;
  readonly #clock: Clock;
  /** In the order in which they were saved. */
  readonly #answers: Map<string, KeptAnswer>;

  constructor(stored: readonly StoredDocument[], journal: Journal, clock: Clock) {
    this.#journal = journal;
    this.#clock = clock;
    this.#answers = new Map(stored.map(({ id, document }) => [id, document as KeptAnswer]));
  }

  load(key: string): Promise<Answer | null> {
    const kept = this.#answers.get(key);
    const fresh = kept !== undefined && !this.#isExpired(kept);
    return Promise.resolve(fresh ? kept.answer : null);
  }

  /** @throws STORAGE_FULL */
  async save(key: string, answer: Answer): Promise<void> {
    const kept: KeptAnswer = { answer, savedAt: this.#clock.now() };
    this.#answers.delete(key);
    this.#answers.set(key, kept);
    const changes: StateChange[] = [
      { type: 'delete-answer', id: key },
      { type: 'put-answer', answer: { id: key, document: kept } },
    ];
    for (const [id, old] of this.#answers) {
      if (this.#answers.size <= MOST_ANSWERS && !this.#isExpired(old)) break;
      this.#answers.delete(id);
      changes.push({ type: 'delete-answer', id });
    }
    await this.#journal.commit(changes);
  }

  #isExpired({ savedAt }: KeptAnswer): boolean {
    return this.#clock.now() - savedAt > LIFE_MILLISECONDS;
  }
}
