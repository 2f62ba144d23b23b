// SPDX-License-Identifier: BSD-3-Clause
import { UnicoreError } from '../../../errors/index.js';
import type { ConsoleChunk, ConsoleReading } from '../driver.js';
import type { Dom0 } from './dom0.js';
import type { GuestStore } from './guest-store.js';
import type { XenDomain } from './xen-domain.js';

const MILLISECONDS = 60_000;

/** Where xenconsoled keeps what a guest prints, with `--log=guest` (xenconsoled(8)). */
export function consoleLogPath(domainName: string): string {
  return `/var/log/xen/console/guest-${domainName}.log`;
}

/**
 * A domain's output from an offset on, and what comes until `ended` settles. The log is followed by name: xenconsoled creates it at the
 * first byte.
 */
export async function* readConsoleLog(
  dom0: Dom0,
  domainName: string,
  fromOffset: number,
  ended: Promise<unknown>,
  { signal, follow = true }: ConsoleReading = {},
): AsyncIterable<ConsoleChunk> {
  const path = consoleLogPath(domainName);
  let offset = fromOffset;
  async function* read(until: Promise<unknown>, ...options: string[]): AsyncIterable<ConsoleChunk> {
    const tail = dom0.stream(['tail', '-q', '-c', fromByte(offset), ...options, '--', path]);
    const stop = (): void => tail.stop();
    signal?.addEventListener('abort', stop, { once: true });
    void until.then(stop, stop);
    try {
      for await (const data of unlessClosed(tail.output)) {
        yield { offset, data };
        offset += data.byteLength;
      }
    } finally {
      signal?.removeEventListener('abort', stop);
      stop();
    }
  }
  // A tail that is told to follow by name waits for a file that is not there.
  if (follow) yield* read(ended, '-F');
  // Else all that there is; or what was written between tail's last look and the end.
  if (signal?.aborted !== true) yield* read(new Promise(() => undefined));
}

/** tail(1) counts bytes from 1. */
function fromByte(offset: number): string {
  return `+${offset + 1}`;
}

/** Ends as if by itself where the stream was stopped from here. */
async function* unlessClosed(output: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  try {
    yield* output;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}

const WRITE_SCRIPT = 'exec cat >"/dev/pts/$1"';

/**
 * xenconsoled gives each domain a pseudo-terminal: what is written there is the guest's input.
 * @throws CONSOLE_UNAVAILABLE, HOST_UNAVAILABLE, DEADLINE_EXCEEDED
 */
export async function writeConsole(
  dom0: Dom0,
  guests: GuestStore,
  domain: XenDomain,
  data: Uint8Array,
): Promise<void> {
  const terminal = await guests.terminalOf(domain);
  if (terminal === null) throw noConsole('');
  const result = await dom0.run(['sh', '-c', WRITE_SCRIPT, 'sh', String(terminal)], {
    input: data,
    timeoutMilliseconds: MILLISECONDS,
  });
  if (result.exitCode !== 0) throw noConsole(result.stderr.trim());
}

function noConsole(words: string): UnicoreError {
  return new UnicoreError(
    'CONSOLE_UNAVAILABLE',
    `The console takes no input: the guest has ended, or xenconsoled does not run. ${words}`.trim(),
  );
}

/** Removes what a domain that is gone has printed. */
export async function removeConsoleLog(dom0: Dom0, domainName: string): Promise<void> {
  await dom0.run(['rm', '-f', '--', consoleLogPath(domainName)], {
    timeoutMilliseconds: MILLISECONDS,
  });
}
