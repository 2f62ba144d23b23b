// SPDX-License-Identifier: BSD-3-Clause

/** The arrival rate is that of about the last minute: what came a half-life ago counts half. */
const HALF_LIFE_MILLISECONDS = 60_000;
/** Of what a creation takes, how much the newest counts. */
const WEIGHT = 0.3;
const FIRST_GUESS_SECONDS = 1;

/** How many requests come, and how long a guest takes to be ready. Times are the clock's monotonic milliseconds. */
export class Demand {
  #weight = 0;
  #at = 0;
  #creationSeconds = FIRST_GUESS_SECONDS;

  arrived(now: number): void {
    this.#weight = this.#decayed(now) + 1;
    this.#at = now;
  }

  created(seconds: number): void {
    this.#creationSeconds += WEIGHT * (seconds - this.#creationSeconds);
  }

  /** Requests a second. */
  rate(now: number): number {
    return (this.#decayed(now) * Math.LN2 * 1000) / HALF_LIFE_MILLISECONDS;
  }

  /**
   * How many guests should be ready: as many requests as come while one guest is made (Little's law, L = λW; J. Little, 1961),
   * and two standard deviations of that number, which is Poisson's.
   */
  target(now: number, minimum: number, maximum: number): number {
    const expected = this.rate(now) * this.#creationSeconds;
    const wanted = Math.ceil(expected + 2 * Math.sqrt(expected) - 0.01);
    return Math.max(minimum, Math.min(maximum, wanted));
  }

  #decayed(now: number): number {
    return this.#weight * 2 ** (-Math.max(0, now - this.#at) / HALF_LIFE_MILLISECONDS);
  }
}
