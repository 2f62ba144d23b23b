// SPDX-License-Identifier: BSD-3-Clause

interface Bucket {
  failures: number;
  readonly since: number;
}

const WINDOW_MILLISECONDS = 60_000;
const ALLOWED_FAILURES = 20;
const MAXIMUM_ADDRESSES = 4096;

/**
 * Counts failed authentications per address. Past the limit, further failures are told to come back later. A valid token
 * is never held up by others' failures: on loopback all clients share one address, and tokens of 256 bits are not guessed.
 */
export class FailureLimiter {
  readonly #buckets = new Map<string, Bucket>();

  constructor(private readonly now: () => number = Date.now) {}

  /** Notes a failure. Returns the seconds to wait if there were too many, else null. */
  fail(address: string): number | null {
    const now = this.now();
    let bucket = this.#buckets.get(address);
    if (bucket === undefined || now - bucket.since >= WINDOW_MILLISECONDS) {
      this.#buckets.delete(address);
      bucket = { failures: 0, since: now };
      this.#buckets.set(address, bucket);
      this.#evict();
    }
    bucket.failures += 1;
    if (bucket.failures <= ALLOWED_FAILURES) return null;
    return Math.ceil((bucket.since + WINDOW_MILLISECONDS - now) / 1000);
  }

  /** Forgets the oldest: a map iterates in the order of insertion. */
  #evict(): void {
    for (const oldest of this.#buckets.keys()) {
      if (this.#buckets.size <= MAXIMUM_ADDRESSES) return;
      this.#buckets.delete(oldest);
    }
  }
}
