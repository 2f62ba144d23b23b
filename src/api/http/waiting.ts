// SPDX-License-Identifier: BSD-3-Clause

/**
 * Runs `wait` for at most `seconds`, or until `stopping` fires. Returns what it gave, or `fallback()` if the time was over
 * first. Errors of `wait` that are not about the time pass through.
 */
export async function waitAtMost<T>(
  seconds: number,
  stopping: AbortSignal,
  wait: (signal: AbortSignal) => Promise<T>,
  fallback: () => T | Promise<T>,
): Promise<T> {
  if (seconds <= 0 || stopping.aborted) return fallback();
  const signal = AbortSignal.any([AbortSignal.timeout(Math.ceil(seconds * 1000)), stopping]);
  try {
    return await wait(signal);
  } catch (error) {
    if (signal.aborted) return fallback();
    throw error;
  }
}
