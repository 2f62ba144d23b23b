// SPDX-License-Identifier: BSD-3-Clause
import { monotonicOf, type Clock } from '../clock.js';
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

/** As it is stored. */
interface SavedAnswer {
  readonly answer: Answer;
  /** Wall clock, milliseconds. */
  readonly savedAt: number;
}

/** `since`: on the monotonic clock, so that nothing happens to it when the wall clock is set. */
interface KeptAnswer {
  readonly answer: Answer;
  readonly since: number;
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
    this.#answers = new Map(
      stored.map(({ id, document }) => {
        const { answer, savedAt } = document as SavedAnswer;
        return [id, { answer, since: monotonicOf(clock, savedAt) }];
      }),
    );
  }

  load(key: string): Promise<Answer | null> {
    const kept = this.#answers.get(key);
    const fresh = kept !== undefined && !this.#isExpired(kept);
    return Promise.resolve(fresh ? kept.answer : null);
  }

  /** @throws STORAGE_FULL */
  async save(key: string, answer: Answer): Promise<void> {
    const saved: SavedAnswer = { answer, savedAt: this.#clock.now() };
    this.#answers.delete(key);
    this.#answers.set(key, { answer, since: this.#clock.monotonic() });
    const changes: StateChange[] = [
      { type: 'delete-answer', id: key },
      { type: 'put-answer', answer: { id: key, document: saved } },
    ];
    for (const [id, old] of this.#answers) {
      if (this.#answers.size <= MOST_ANSWERS && !this.#isExpired(old)) break;
      this.#answers.delete(id);
      changes.push({ type: 'delete-answer', id });
    }
    await this.#journal.commit(changes);
  }

  #isExpired({ since }: KeptAnswer): boolean {
    return this.#clock.monotonic() - since > LIFE_MILLISECONDS;
  }
}
