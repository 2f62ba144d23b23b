// SPDX-License-Identifier: BSD-3-Clause

/** Requests in the long run, and how many may come at once. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

interface Bucket {
  tokens: number;
  filledAt: number;
}

/** A token bucket for each name: it fills at the rate's pace up to the burst, and each request takes one out. */
export class RateLimiter {
  readonly #buckets = new Map<string, Bucket>();

  /** `now`: monotonic milliseconds. */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Takes one. Returns null, or how many seconds to wait for the next if there is none. */
  take(name: string, { perSecond, burst }: Rate): number | null {
    const now = this.now();
    let bucket = this.#buckets.get(name);
    if (bucket === undefined) this.#buckets.set(name, (bucket = { tokens: burst, filledAt: now }));
    const filled = bucket.tokens + ((now - bucket.filledAt) / 1000) * perSecond;
    bucket.tokens = Math.min(burst, filled);
    bucket.filledAt = now;
    if (bucket.tokens < 1) return (1 - bucket.tokens) / perSecond;
    bucket.tokens -= 1;
    return null;
  }

  forget(name: string): void {
    this.#buckets.delete(name);
  }
}
