// SPDX-License-Identifier: BSD-3-Clause
import type { ErrorCode, ErrorKind, UnicoreError } from '../../errors/index.js';

const STATUS_OF_KIND: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unprocessable: 422,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'precondition-failed': 412,
  'too-large': 413,
  unsupported: 422,
  'rate-limited': 429,
  'no-capacity': 507,
  unavailable: 503,
  'deadline-exceeded': 504,
  cancelled: 409,
  internal: 500,
};

/** Codes for which HTTP has a status of its own. */
const STATUS_OF_CODE: Partial<Readonly<Record<ErrorCode, number>>> = {
  METHOD_NOT_ALLOWED: 405,
  UNSUPPORTED_MEDIA_TYPE: 415,
  UPGRADE_REQUIRED: 426,
  STORAGE_FULL: 507,
};

/** Names that a body refers to and that a path can be about too; in a path, what is not there is a 404. */
const NAMED_IN_PATH: ReadonlySet<ErrorCode> = new Set([
  'UNKNOWN_APP',
  'UNKNOWN_HOST',
  'UNKNOWN_SOURCE',
]);

/** The HTTP status of an error. The only place where kinds of errors become statuses. */
export function statusOf(error: UnicoreError, method: string): number {
  if (NAMED_IN_PATH.has(error.code) && method !== 'POST') return 404;
  return STATUS_OF_CODE[error.code] ?? STATUS_OF_KIND[error.kind];
}
