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
    /** Asks for the next page of items, or null at the end. */
    next: z.string().nullable(),
    createdAt: timestampSchema,
    finishedAt: timestampSchema.nullable(),
  })
  .meta({ id: 'Operation' });
export const operationPageSchema = pageOf(operationSchema).meta({ id: 'OperationPage' });

const operationItemsShape = {
  items: z.coerce.number().int().min(0).max(10_000).optional().meta({
    description: 'How many items the answer holds at most; 1000 unless told',
  }),
  cursor: z.coerce.number().int().min(0).optional().meta({
    description: '`next` of the page before',
  }),
  failed: z.stringbool().optional().meta({
    description: 'Only the items that failed',
    type: 'boolean',
  }),
};
export const operationItemsQuerySchema = z.strictObject(operationItemsShape);

export const showOperationQuerySchema = z.strictObject({
  wait: z.coerce.number().min(0).max(300).default(0).meta({
    description: 'Seconds to wait for the end of the operation',
  }),
  ...operationItemsShape,
});

export const operationQuerySchema = z.strictObject({
  wait: z.coerce.number().min(0).max(300).default(0).meta({
    description: 'Seconds to wait for the end of the operation',
  }),
});

export type OperationItemsQuery = z.infer<typeof operationItemsQuerySchema>;
export type OperationDocument = z.infer<typeof operationSchema>;
