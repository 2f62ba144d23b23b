// SPDX-License-Identifier: BSD-3-Clause
import { ERROR_CODES, type ErrorCode, type ErrorKind } from './codes.js';

/** What is wrong with one field of a request; `path` is dotted, as in `networks.0.name`. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

export interface UnicoreErrorOptions {
  /** The fields at fault, where the error is about a request. */
  readonly errors?: readonly FieldError[];
  /** When it makes sense to try again, in seconds. */
  readonly retryAfterSeconds?: number;
  /** The error that led to this one. It is logged, and never shown to a client. */
  readonly cause?: unknown;
}

/** An error that was foreseen: a stable code, and a detail that says what happened and what to do about it. */
export class UnicoreError extends Error {
  override readonly name = 'UnicoreError';
  readonly code: ErrorCode;
  readonly errors: readonly FieldError[];
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, detail: string, options: UnicoreErrorOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.errors = options.errors ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  get kind(): ErrorKind {
    return ERROR_CODES[this.code].kind;
  }

  get title(): string {
    return ERROR_CODES[this.code].title;
  }
}

/** Whether `error` is a `UnicoreError`, with this code if one is given. */
export function isUnicoreError(error: unknown, code?: ErrorCode): error is UnicoreError {
  return error instanceof UnicoreError && (code === undefined || error.code === code);
}

/** The message of anything that can be thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
