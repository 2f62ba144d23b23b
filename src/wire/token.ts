// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';
import { pageOf, timestampSchema } from './common.js';

export const tokenNameSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9](?:[-A-Za-z0-9_.@]{0,62}[A-Za-z0-9])?$/,
    'must be letters, digits and - _ . @, at most 64, with a letter or digit at both ends',
  );

/** What all instances that were made with one token may take together, and how many of its builds may be under way. */
export const tokenQuotaSchema = z
  .strictObject({
    instances: z.int().min(0).optional(),
    memory: z.int().min(0).optional().meta({ description: 'bytes' }),
    vcpus: z.int().min(0).optional(),
    builds: z.int().min(0).optional().meta({ description: 'under way at the same time' }),
  })
  .meta({ id: 'TokenQuota' });

/** A token bucket: requests in the long run, and how many may come at once. */
export const tokenRateSchema = z
  .strictObject({
    perSecond: z.number().min(0.001).max(1_000_000),
    burst: z.int().min(1).max(1_000_000),
  })
  .meta({ id: 'TokenRate' });

export const tokenRoleSchema = z.enum(['viewer', 'operator', 'admin']).meta({ id: 'TokenRole' });

export const createTokenSchema = z
  .strictObject({
    name: tokenNameSchema,
    role: tokenRoleSchema,
    quota: tokenQuotaSchema.optional(),
    rate: tokenRateSchema.optional(),
    expiresAt: timestampSchema.optional(),
  })
  .meta({ id: 'CreateToken' });

export const tokenSchema = z
  .strictObject({
    name: z.string(),
    role: tokenRoleSchema,
    quota: tokenQuotaSchema,
    rate: tokenRateSchema.nullable(),
    expiresAt: timestampSchema.nullable(),
    origin: z.enum(['configuration', 'api']).meta({
      description: 'Only those that were made through the API can be revoked through it',
    }),
    usage: z.strictObject({
      instances: z.int(),
      memory: z.int().meta({ description: 'bytes' }),
      vcpus: z.int(),
      builds: z.int(),
    }),
  })
  .meta({ id: 'Token' });
export const tokenPageSchema = pageOf(tokenSchema).meta({ id: 'TokenPage' });

export const createdTokenSchema = tokenSchema
  .extend({ token: z.string().meta({ description: 'Shown this once; only its hash is kept' }) })
  .meta({ id: 'CreatedToken' });

export type TokenQuota = z.infer<typeof tokenQuotaSchema>;
export type TokenRate = z.infer<typeof tokenRateSchema>;
export type TokenDocument = z.infer<typeof tokenSchema>;
