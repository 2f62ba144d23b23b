// SPDX-License-Identifier: BSD-3-Clause

type Log = (fields: Readonly<Record<string, unknown>>, message: string) => void;

/** Where the build layer reports what no caller is told. A pino logger is one. */
export interface Logger {
  readonly debug: Log;
  readonly info: Log;
  readonly warn: Log;
  readonly error: Log;
}
