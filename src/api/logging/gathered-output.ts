// SPDX-License-Identifier: BSD-3-Clause
import { destination, type DestinationStream } from 'pino';

/** Asks pino for each line's level: https://github.com/pinojs/pino/blob/main/docs/api.md#metadata. */
const WANTS_LEVEL: unique symbol = Symbol.for('pino.metadata');
const STANDARD_OUTPUT = 1;
/** The number of pino's level for warnings. */
const WARN = 40;
/** How long lines are gathered, unless one is urgent. */
const GATHER_MILLISECONDS = 50;
/** Characters; as many are written at once, however soon. */
const GATHERED_LENGTH = 8 * 1024;
/** What a reader has not taken beyond this many bytes is dropped: it would be kept in memory. */
const WAITING_BYTES = 4 * 1024 * 1024;

interface GatheredOutput extends DestinationStream {
  readonly [WANTS_LEVEL]: true;
  lastLevel: number;
  flush(): void;
  flushSync(): void;
}

/**
 * Standard output for log lines, written in pieces by another thread: a write for each request wakes its reader each time, which takes a
 * tenth of the daemon's time when requests come one after another (measured), and a reader that stands still would hold up everything. A warning,
 * or worse, is written at once, and at the end of the process what is left. Whoever kills the process outright loses the last 50 ms.
 */
export function gatheredOutput(): GatheredOutput {
  const output = destination({
    fd: STANDARD_OUTPUT,
    sync: false,
    minLength: GATHERED_LENGTH,
    maxLength: WAITING_BYTES,
  });
  let timer: NodeJS.Timeout | null = null;
  const flush = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    output.flush();
  };
  return {
    [WANTS_LEVEL]: true,
    lastLevel: 0,
    write(line) {
      output.write(line);
      if (this.lastLevel >= WARN) flush();
      else timer ??= setTimeout(flush, GATHER_MILLISECONDS).unref();
    },
    flush,
    flushSync: () => output.flushSync(),
  };
}
