// SPDX-License-Identifier: BSD-3-Clause

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** timeout(1), too, passes on what the terminal has sent to all. */
const SAME_MILLISECONDS = 1000;

/**
 * Work that a signal breaks off: this then rejects, so that whoever awaits it cleans up, whatever the work still does. Another signal ends
 * the process at once.
 */
export async function interruptible<T>(work: Promise<T>): Promise<T> {
  const interruption = Promise.withResolvers<never>();
  let since: number | undefined;
  const stop = (signal: NodeJS.Signals): void => {
    if (since !== undefined && performance.now() - since > SAME_MILLISECONDS) process.exit(1);
    if (since !== undefined) return;
    since = performance.now();
    // Who hung up reads nothing any more, and writing to a terminal that is gone would fail.
    if (signal !== 'SIGHUP') console.error(`${signal}: cleaning up; once more ends it at once`);
    interruption.reject(new Error(`broken off by ${signal}`));
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  try {
    return await Promise.race([work, interruption.promise]);
  } finally {
    // Once interrupted, it listens on: for as long as the clean-up takes.
    if (since === undefined) for (const signal of SIGNALS) process.off(signal, stop);
  }
}
