// SPDX-License-Identifier: BSD-3-Clause
import { UnicoreError } from '../../errors/index.js';

interface WaitingJob {
  readonly client: string;
  readonly start: (slot: number) => void;
}

/**
 * Runs jobs, a bounded number at a time. Those that wait are bounded, in all and for each client, and clients take turns: who
 * asks for a hundred builds does not hold up one who asks for one.
 */
export class JobQueue {
  readonly #maxWaiting: number;
  readonly #maxWaitingPerClient: number;
  readonly #freeSlots: number[];
  /** The jobs that wait, by client; the first client is the next to be served. */
  readonly #waiting = new Map<string, Set<WaitingJob>>();

  constructor(options: {
    readonly slots: number;
    readonly maxWaiting: number;
    /** As many as in all unless given. */
    readonly maxWaitingPerClient?: number;
  }) {
    this.#maxWaiting = options.maxWaiting;
    this.#maxWaitingPerClient = options.maxWaitingPerClient ?? options.maxWaiting;
    this.#freeSlots = Array.from({ length: options.slots }, (_, slot) => slot).reverse();
  }

  /** Makes sure that `jobs` more can be accepted. @throws BUILD_QUEUE_FULL */
  requireRoom(jobs: number, client = ''): void {
    const free = this.#freeSlots.length;
    const own = this.#waiting.get(client)?.size ?? 0;
    const all = [...this.#waiting.values()].reduce((sum, { size }) => sum + size, 0);
    if (jobs > free + this.#maxWaiting - all) throw full(all, this.#maxWaiting, '');
    if (jobs > free + this.#maxWaitingPerClient - own) {
      throw full(own, this.#maxWaitingPerClient, ' of one client');
    }
  }

  /**
   * Runs a job when its turn comes. It is told its slot, a number that no other running job has. A job whose
   * signal fires while it waits is not run.
   * @throws the signal's reason; whatever the job throws
   */
  async run<T>(job: (slot: number) => Promise<T>, signal: AbortSignal, client = ''): Promise<T> {
    const slot = await this.#slot(signal, client);
    try {
      return await job(slot);
    } finally {
      this.#release(slot);
    }
  }

  #slot(signal: AbortSignal, client: string): Promise<number> {
    signal.throwIfAborted();
    const free = this.#freeSlots.pop();
    if (free !== undefined) return Promise.resolve(free);
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#leave(waiting);
        reject(signal.reason as Error);
      };
      const waiting: WaitingJob = {
        client,
        start: (slot) => {
          signal.removeEventListener('abort', onAbort);
          resolve(slot);
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      const others = this.#waiting.get(client);
      if (others === undefined) this.#waiting.set(client, new Set([waiting]));
      else others.add(waiting);
    });
  }

  #leave(job: WaitingJob): void {
    const jobs = this.#waiting.get(job.client);
    jobs?.delete(job);
    if (jobs?.size === 0) this.#waiting.delete(job.client);
  }

  #release(slot: number): void {
    const [first] = this.#waiting;
    const [next] = first?.[1] ?? [];
    if (first === undefined || next === undefined) {
      this.#freeSlots.push(slot);
      return;
    }
    // It is behind all others again.
    const [client, jobs] = first;
    this.#waiting.delete(client);
    this.#waiting.set(client, jobs);
    this.#leave(next);
    next.start(slot);
  }
}

function full(waiting: number, limit: number, whose: string): UnicoreError {
  return new UnicoreError(
    'BUILD_QUEUE_FULL',
    `${waiting} builds${whose} are waiting, and at most ${limit} may. Try again when some have ended.`,
    { retryAfterSeconds: 5 },
  );
}
