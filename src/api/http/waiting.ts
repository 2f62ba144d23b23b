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
  // Not AbortSignal.timeout: it lives on until its time is over, and most waits end long before.
  const over = new AbortController();
  const end = (): void => over.abort();
  const timer = setTimeout(end, Math.ceil(seconds * 1000));
  stopping.addEventListener('abort', end);
  try {
    return await wait(over.signal);
  } catch (error) {
    if (over.signal.aborted) return await fallback();
    throw error;
  } finally {
    clearTimeout(timer);
    stopping.removeEventListener('abort', end);
  }
}
