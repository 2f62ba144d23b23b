// SPDX-License-Identifier: BSD-3-Clause

/** Time, behind a port so that tests can turn the hands. */
export interface Clock {
  /** Wall clock, milliseconds since the epoch. It may jump: for time stamps only. */
  now(): number;
  /** Milliseconds from some start. It never goes back: for durations, deadlines and back-off. */
  monotonic(): number;
  /** Calls `action` once after `milliseconds`, unless the returned function is called before. */
  schedule(milliseconds: number, action: () => void): () => void;
}

/** The machine's clock. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  schedule: (milliseconds, action) => {
    const timer = setTimeout(action, milliseconds);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** When something was that has a wall clock's time, on the monotonic clock. One that was set back makes it now. */
export function monotonicOf(clock: Clock, wall: number): number {
  return clock.monotonic() - Math.max(0, clock.now() - wall);
}

/** The clock's time as RFC 3339 UTC with milliseconds. */
export function timestamp(clock: Clock): string {
  return new Date(clock.now()).toISOString();
}
