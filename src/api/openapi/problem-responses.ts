// SPDX-License-Identifier: BSD-3-Clause
import { applyDecorators } from '@nestjs/common';
import { ApiBearerAuth, ApiResponse } from '@nestjs/swagger';
import { problemSchema } from '../../wire/index.js';

/** Documents what every route can answer besides its success. */
export function ApiProblems(): MethodDecorator & ClassDecorator {
  return applyDecorators(
    ApiBearerAuth(),
    ApiResponse({
      status: 'default',
      description:
        'A problem (RFC 9457): `code` is stable, `detail` says what happened and what to do.',
      standardSchema: problemSchema,
    }),
  );
}
