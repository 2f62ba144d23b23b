// SPDX-License-Identifier: BSD-3-Clause
import type { ConsoleChunk } from '../driver.js';
import type { Dom0 } from './dom0.js';

/** Where xenconsoled keeps what a guest prints, with `--log=guest` (xenconsoled(8)). */
export function consoleLogPath(domainName: string): string {
  return `/var/log/xen/console/guest-${domainName}.log`;
}

/**
 * A domain's output from an offset on, and live until `ended` settles. The log is followed by name: xenconsoled creates it at the
 * first byte.
 */
export async function* readConsoleLog(
  dom0: Dom0,
  domainName: string,
  fromOffset: number,
  ended: Promise<void>,
  signal?: AbortSignal,
): AsyncIterable<ConsoleChunk> {
  const path = consoleLogPath(domainName);
  // A tail that is told to follow by name waits for a file that is not there; -c counts from 1.
  const live = dom0.stream(['tail', '-q', '-c', `+${fromOffset + 1}`, '-F', '--', path]);
  const stop = (): void => live.stop();
  signal?.addEventListener('abort', stop, { once: true });
  void ended.then(stop, stop);
  let offset = fromOffset;
  try {
    for await (const data of live.output) {
      yield { offset, data };
      offset += data.byteLength;
    }
  } catch (error) {
    if (signal?.aborted !== true && !isPrematureClose(error)) throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
    live.stop();
  }
  signal?.throwIfAborted();
  // What was written between tail's last look and the end.
  const rest = await dom0.run(['tail', '-q', '-c', `+${offset + 1}`, '--', path], {
    timeoutMilliseconds: 60_000,
  });
  if (rest.exitCode === 0 && rest.stdout !== '') {
    yield { offset, data: Buffer.from(rest.stdout, 'utf8') };
  }
}

function isPrematureClose(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE';
}
