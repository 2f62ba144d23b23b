// SPDX-License-Identifier: BSD-3-Clause
import { UnicoreError } from '../../errors/index.js';

interface WaitingJob {
  readonly start: (slot: number) => void;
}

/** Runs jobs, a bounded number at a time, first come first served; those that wait are bounded, too. */
export class JobQueue {
  readonly #maxWaiting: number;
  readonly #freeSlots: number[];
  readonly #waiting = new Set<WaitingJob>();

  constructor(options: { readonly slots: number; readonly maxWaiting: number }) {
    this.#maxWaiting = options.maxWaiting;
    this.#freeSlots = Array.from({ length: options.slots }, (_, slot) => slot).reverse();
  }

  /** Makes sure that `jobs` more can be accepted. @throws BUILD_QUEUE_FULL */
  requireRoom(jobs: number): void {
    if (jobs <= this.#freeSlots.length + this.#maxWaiting - this.#waiting.size) return;
    throw new UnicoreError(
      'BUILD_QUEUE_FULL',
      `${this.#waiting.size} builds are waiting, and at most ${this.#maxWaiting} may. Try again when some have ended.`,
      { retryAfterSeconds: 5 },
    );
  }

  /**
   * Runs a job when its turn comes. It is told its slot, a number that no other running job has. A job whose
   * signal fires while it waits is not run.
   * @throws the signal's reason; whatever the job throws
   */
  async run<T>(job: (slot: number) => Promise<T>, signal: AbortSignal): Promise<T> {
    const slot = await this.#slot(signal);
    try {
      return await job(slot);
    } finally {
      this.#release(slot);
    }
  }

  #slot(signal: AbortSignal): Promise<number> {
    signal.throwIfAborted();
    const free = this.#freeSlots.pop();
    if (free !== undefined) return Promise.resolve(free);
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.delete(waiting);
        reject(signal.reason as Error);
      };
      const waiting: WaitingJob = {
        start: (slot) => {
          signal.removeEventListener('abort', onAbort);
          resolve(slot);
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.add(waiting);
    });
  }

  #release(slot: number): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#freeSlots.push(slot);
      return;
    }
    this.#waiting.delete(next);
    next.start(slot);
  }
}
