// SPDX-License-Identifier: BSD-3-Clause
import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';

/** Lets Nest log through pino. What Nest says at every start is only interesting when looking for a fault: debug. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: readonly unknown[]): void {
    this.logger.debug(contextOf(rest), String(message));
  }

  verbose(message: unknown, ...rest: readonly unknown[]): void {
    this.logger.trace(contextOf(rest), String(message));
  }

  debug(message: unknown, ...rest: readonly unknown[]): void {
    this.logger.debug(contextOf(rest), String(message));
  }

  warn(message: unknown, ...rest: readonly unknown[]): void {
    this.logger.warn(contextOf(rest), String(message));
  }

  error(message: unknown, ...rest: readonly unknown[]): void {
    this.logger.error(contextOf(rest), String(message));
  }

  fatal(message: unknown, ...rest: readonly unknown[]): void {
    this.logger.fatal(contextOf(rest), String(message));
  }
}

/** Nest passes the name of the class that logs as the last argument. */
function contextOf(rest: readonly unknown[]): { readonly context?: string } {
  const last = rest.at(-1);
  return typeof last === 'string' ? { context: last } : {};
}
