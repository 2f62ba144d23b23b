// SPDX-License-Identifier: BSD-3-Clause

export interface AdaptiveLimitOptions {
  readonly initial: number;
  readonly least: number;
  readonly most: number;
}

/** Differences below this are noise of this machine, not a queue on the host. */
const LEAST_MILLISECONDS = 2;
/** After so many windows it is measured anew how long a call takes that waits for no other. */
const WINDOWS_BETWEEN_PROBES = 50;
/** How many calls that is measured by. */
const PROBE_CALLS = 4;

/**
 * How many calls a host is given at the same time, found out from how long they take, as TCP Vegas finds its window (Brakmo,
 * O'Malley and Peterson, 1994) and as Netflix's concurrency-limits applied it to servers. Of `limit` calls that take `mean`
 * where a call alone takes `base`, `limit × (1 − base / mean)` wait on the host: few, and it is given more; many, and it is
 * given less. What a call alone takes is measured with the least number under way, first and then now and then (as in BBR's
 * ProbeRTT), so that the limit does not creep up with the queue that it makes. An overloaded host has the limit halved.
 */
export class AdaptiveLimit {
  readonly #options: AdaptiveLimitOptions;
  #limit: number;
  #base = 0;
  #windows = 0;
  #count = 0;
  #sum = 0;
  #busiest = 0;
  /** Calls to wait for before what is measured is of the least number under way; null when not probing. */
  #draining: number | null = 0;
  #halved = false;

  constructor(options: AdaptiveLimitOptions) {
    this.#options = options;
    this.#limit = options.initial;
  }

  get limit(): number {
    return this.#draining === null ? this.#limit : this.#options.least;
  }

  /** Notes a call that succeeded, and how many were under way with it when it began. */
  succeeded(milliseconds: number, underWay: number): void {
    this.#halved = false;
    if (this.#draining !== null && this.#draining > 0) {
      this.#draining--;
      return;
    }
    this.#count++;
    this.#sum += Math.max(LEAST_MILLISECONDS, milliseconds);
    this.#busiest = Math.max(this.#busiest, underWay);
    if (this.#draining !== null) {
      if (this.#count >= PROBE_CALLS) this.#endProbe();
    } else if (this.#count >= this.#limit) this.#adjust();
  }

  /** Notes a call that the host did not answer in time, or at all. Counts once until something succeeds. */
  overloaded(): void {
    if (this.#halved) return;
    this.#halved = true;
    this.#set(Math.floor(this.#limit / 2));
    this.#begin();
  }

  #endProbe(): void {
    this.#base = this.#sum / this.#count;
    this.#draining = null;
    this.#begin();
  }

  #adjust(): void {
    const mean = this.#sum / this.#count;
    const saturated = this.#busiest * 2 >= this.#limit;
    this.#begin();
    this.#base = Math.min(this.#base, mean);
    const waiting = this.#limit * (1 - this.#base / mean);
    const scale = Math.max(1, Math.log10(this.#limit));
    if (++this.#windows % WINDOWS_BETWEEN_PROBES === 0) this.#draining = this.#limit;
    if (waiting > 4 * scale) this.#set(this.#limit - Math.ceil(this.#limit / 8));
    else if (waiting < 2 * scale && saturated) this.#set(this.#limit + Math.ceil(scale));
  }

  #begin(): void {
    this.#count = 0;
    this.#sum = 0;
    this.#busiest = 0;
  }

  #set(limit: number): void {
    const { least, most } = this.#options;
    this.#limit = Math.min(most, Math.max(least, limit));
  }
}
