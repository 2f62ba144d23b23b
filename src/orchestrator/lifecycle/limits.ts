// SPDX-License-Identifier: BSD-3-Clause

/** How long things may take and how often they are tried. Milliseconds, unless the name says otherwise. */
export interface LifeLimits {
  /** From a create's success until the guest must have reached `main`. */
  readonly bootMilliseconds: number;
  /** How long one driver call may take before its result is no longer waited for. */
  readonly callMilliseconds: number;
  /** How often a create that the driver refuses is tried before the instance has failed. */
  readonly createAttempts: number;
  /** Back-off between tries of the same thing. */
  readonly retry: Backoff;
  /** Back-off between restarts by policy. */
  readonly restart: Backoff;
  /** A guest that ran for this long starts again without back-off, and its restarts before do not count. */
  readonly stableMilliseconds: number;
}

/** Delays that double from `first` up to `most`. */
export interface Backoff {
  readonly firstMilliseconds: number;
  readonly mostMilliseconds: number;
}

export const DEFAULT_LIFE_LIMITS: LifeLimits = {
  bootMilliseconds: 60_000,
  callMilliseconds: 120_000,
  createAttempts: 5,
  retry: { firstMilliseconds: 200, mostMilliseconds: 30_000 },
  restart: { firstMilliseconds: 1_000, mostMilliseconds: 60_000 },
  stableMilliseconds: 60_000,
};

/**
 * How long to wait after the `failures`-th failure in a row (from 1): half of the delay is fixed and half is drawn, so that
 * what failed together does not come back together.
 */
export function backoffDelay(
  backoff: Backoff,
  failures: number,
  random: () => number = Math.random,
): number {
  const doubled = backoff.firstMilliseconds * 2 ** Math.min(failures - 1, 30);
  const delay = Math.min(doubled, backoff.mostMilliseconds);
  return delay / 2 + (random() * delay) / 2;
}
