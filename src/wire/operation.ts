// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';
import { pageOf, timestampSchema } from './common.js';

export const operationSchema = z
  .strictObject({
    id: z.string(),
    kind: z.string(),
    phase: z.enum(['running', 'succeeded', 'failed', 'cancelled']),
    total: z.int(),
    done: z.int(),
    failed: z.int(),
    items: z.array(
      z.strictObject({
        id: z.string().nullable(),
        name: z.string(),
        error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
      }),
    ),
    createdAt: timestampSchema,
    finishedAt: timestampSchema.nullable(),
  })
  .meta({ id: 'Operation' });
export const operationPageSchema = pageOf(operationSchema).meta({ id: 'OperationPage' });

export const operationQuerySchema = z.strictObject({
  wait: z.coerce.number().min(0).max(300).default(0).meta({
    description: 'Seconds to wait for the end of the operation',
  }),
});

export type OperationDocument = z.infer<typeof operationSchema>;
