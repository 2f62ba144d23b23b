// SPDX-License-Identifier: BSD-3-Clause
import { HttpException } from '@nestjs/common';
import { messageOf, UnicoreError } from '../../errors/index.js';
import type { ProblemDocument } from '../../wire/index.js';
import { statusOf } from './status.js';

export const PROBLEM_MEDIA_TYPE = 'application/problem+json; charset=utf-8';

/** RFC 9457 document of an error. An error that was not foreseen tells nothing but the request's id. */
export function problemOf(
  error: UnicoreError,
  method: string,
  requestId?: string,
): ProblemDocument {
  return {
    type: `urn:unicore:problem:${error.code.toLowerCase().replaceAll('_', '-')}`,
    title: error.title,
    status: statusOf(error, method),
    code: error.code,
    detail: error.message,
    ...(error.errors.length > 0 ? { errors: [...error.errors] } : {}),
    ...(requestId === undefined ? {} : { requestId }),
  };
}

/** What a status means where only that is known: Nest and Fastify throw errors of their own before a handler runs. */
const ERROR_OF_STATUS: Readonly<Record<number, () => UnicoreError>> = {
  404: () => new UnicoreError('ROUTE_NOT_FOUND', 'See /docs for what there is.'),
  413: () => new UnicoreError('BODY_TOO_LARGE', 'Send at most 1 MiB of JSON, or 256 MiB of image.'),
  415: () =>
    new UnicoreError(
      'UNSUPPORTED_MEDIA_TYPE',
      'Send the body with content-type: application/json.',
    ),
};

/** Brings anything that can be thrown while answering a request to a `UnicoreError`. */
export function toUnicoreError(thrown: unknown): UnicoreError {
  if (thrown instanceof UnicoreError) return thrown;
  const code = codeOf(thrown);
  if (code === 'FST_ERR_BAD_URL') {
    return new UnicoreError('MALFORMED_URL', 'Write each % of the path as %25.');
  }
  if (code === 'ENOSPC') {
    return new UnicoreError(
      'STORAGE_FULL',
      'The disk of the state directory is full. Free some room.',
      {
        cause: thrown,
      },
    );
  }
  const status = thrown instanceof HttpException ? thrown.getStatus() : statusCodeOf(thrown);
  const known = status === undefined ? undefined : ERROR_OF_STATUS[status];
  if (known !== undefined) return known();
  if (status !== undefined && status >= 400 && status < 500) {
    return new UnicoreError('INVALID_REQUEST', messageOf(thrown), { cause: thrown });
  }
  return new UnicoreError(
    'INTERNAL',
    "The daemon's log has more under the request's id. Trying again may work.",
    { cause: thrown },
  );
}

function codeOf(thrown: unknown): string | undefined {
  const code = (thrown as { readonly code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

function statusCodeOf(thrown: unknown): number | undefined {
  const status = (thrown as { readonly statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : undefined;
}
