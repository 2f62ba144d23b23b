// SPDX-License-Identifier: BSD-3-Clause
import { StandardSchemaValidationPipe } from '@nestjs/common';
import type { z } from 'zod';
import { UnicoreError, type FieldError } from '../../errors/index.js';

interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

const MAXIMUM_FIELD_ERRORS = 50;

/** One entry per field at fault. An unknown field is named by its own path, not by its parent's. */
export function fieldErrorsOf(issues: readonly Issue[]): readonly FieldError[] {
  return issues.slice(0, MAXIMUM_FIELD_ERRORS).flatMap((issue) => {
    const path = (issue.path ?? []).map((part) =>
      String(typeof part === 'object' ? part.key : part),
    );
    const unknownKeys = (issue as { readonly code?: unknown; readonly keys?: unknown }).keys;
    if (
      (issue as { readonly code?: unknown }).code === 'unrecognized_keys' &&
      Array.isArray(unknownKeys)
    ) {
      return unknownKeys.slice(0, MAXIMUM_FIELD_ERRORS).map((key) => ({
        path: [...path, String(key)].join('.'),
        message: 'there is no such field',
      }));
    }
    return [{ path: path.join('.'), message: issue.message }];
  });
}

/** The error for a value that a schema refused. */
export function invalidRequest(issues: readonly Issue[]): UnicoreError {
  const errors = fieldErrorsOf(issues);
  const [first] = errors;
  const detail =
    first === undefined
      ? 'The request is not acceptable.'
      : `${first.path === '' ? 'The body' : first.path}: ${first.message}${errors.length > 1 ? ` (and ${errors.length - 1} more)` : ''}`;
  return new UnicoreError('INVALID_REQUEST', detail, { errors });
}

/** Validates every parameter that names a schema; what the schema makes of the value is what the handler gets. */
export function createValidationPipe(): StandardSchemaValidationPipe {
  return new StandardSchemaValidationPipe({ exceptionFactory: invalidRequest });
}

/** The same validation for what does not come through Nest, such as WebSocket paths and messages. */
export function parseWith<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> {
  const result = schema.safeParse(value);
  if (!result.success) throw invalidRequest(result.error.issues);
  return result.data;
}
