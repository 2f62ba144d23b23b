// SPDX-License-Identifier: BSD-3-Clause
import type { Clock } from '../clock.js';
import type { HypervisorDriver } from '../drivers/driver.js';

const READ_MILLISECONDS = 500;
const KEPT_BYTES = 2_048;
const KEPT_LINES = 5;

/** The last lines that a guest printed, for a person who asks why it failed; empty if they cannot be had quickly. */
export async function consoleTail(
  driver: HypervisorDriver,
  id: string,
  clock: Clock,
): Promise<string> {
  if (driver.capabilities.console === 'none') return '';
  const stop = new AbortController();
  let tail = Buffer.alloc(0);
  const read = async (): Promise<void> => {
    for await (const { data } of driver.readConsole(id, 0, {
      follow: false,
      signal: stop.signal,
    })) {
      tail = Buffer.concat([tail, data]).subarray(-KEPT_BYTES);
    }
  };
  let cancel: () => void = () => undefined;
  const enough = new Promise<void>((resolve) => {
    cancel = clock.schedule(READ_MILLISECONDS, resolve);
  });
  await Promise.race([read().catch(() => undefined), enough]);
  cancel();
  stop.abort();
  return tail
    .toString('utf8')
    .split(/\r?\n/)
    .map((line) => line.replaceAll(/[^\P{C}\t]/gu, ''))
    .filter((line) => line !== '')
    .slice(-KEPT_LINES)
    .join('\n');
}
