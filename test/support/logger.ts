// SPDX-License-Identifier: BSD-3-Clause
import type { Logger } from '../../src/build/logger.js';

export interface RecordingLogger extends Logger {
  /** The messages of warnings and errors, in order. */
  readonly problems: readonly string[];
}

/** A logger that keeps what went wrong. */
export function recordingLogger(): RecordingLogger {
  const problems: string[] = [];
  const record = (_fields: unknown, message: string): void => {
    problems.push(message);
  };
  return {
    problems,
    debug: () => undefined,
    info: () => undefined,
    warn: record,
    error: record,
  };
}
