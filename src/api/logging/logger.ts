// SPDX-License-Identifier: BSD-3-Clause
import { pino, type DestinationStream, type Logger } from 'pino';
import { requestContext } from '../http/request-context.js';
import { GatheredOutput } from './gathered-output.js';

const SECRETS = [
  'authorization',
  'cookie',
  'token',
  'password',
  'secret',
  'sec-websocket-protocol',
];

export interface LoggerOptions {
  /** trace, debug, info, warn, error, fatal or silent. */
  readonly level: string;
  /** Default: standard output. */
  readonly destination?: DestinationStream;
}

/** A logger whose every line has the id of the request it is about, and no secret. */
export function createLogger(options: LoggerOptions): Logger {
  const settings = {
    level: options.level,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    mixin: () => ({ ...requestContext.getStore() }),
    redact: {
      paths: SECRETS.flatMap((name) =>
        ['', '*.', '*.*.'].map((prefix) => `${prefix}["${name}"]`.replace('.[', '[')),
      ),
      censor: '[redacted]',
    },
  };
  return pino(settings, options.destination ?? new GatheredOutput());
}
