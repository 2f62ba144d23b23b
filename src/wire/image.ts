// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';
import { digestSchema, pageOf, targetSchema, timestampSchema } from './common.js';

export const imageSchema = z
  .strictObject({
    digest: digestSchema,
    bytes: z.int(),
    app: z.string().nullable(),
    target: targetSchema.nullable(),
    architecture: z.string(),
    bootProtocols: z.array(
      z.enum([
        'pvh',
        'xen-pv',
        'linux-elf',
        'multiboot1',
        'multiboot2',
        'solo5',
        'linux-boot',
        'devicetree',
        'linux-image',
      ]),
    ),
    reportsReady: z.boolean(),
    parks: z.boolean(),
    minimumMemoryBytes: z.int().nullable(),
    libraries: z.array(
      z.strictObject({
        name: z.string(),
        bytes: z.int(),
        sizes: z
          .strictObject({ code: z.int(), constants: z.int(), data: z.int(), bss: z.int() })
          .nullable(),
        version: z.string().nullable(),
        licence: z.string().nullable(),
        sourcesHash: z.string().nullable(),
      }),
    ),
    configuration: z.string().nullable(),
    inputsHash: z.string().nullable(),
    origin: z.enum(['built', 'imported']),
    createdAt: timestampSchema,
    buildId: z.string().nullable(),
    compiler: z.string().nullable(),
    description: z.string().nullable(),
    pulledFrom: z.string().nullable(),
  })
  .meta({ id: 'Image' });
export const imagePageSchema = pageOf(imageSchema).meta({ id: 'ImagePage' });

export const transferSchema = z
  .strictObject({
    reference: z.string().min(1).max(512).meta({
      description:
        'registry/name:tag or registry/name@sha256:…, as in registry.example.org/hello:1',
    }),
  })
  .meta({ id: 'ImageTransfer' });

export type ImageDocument = z.infer<typeof imageSchema>;

const collectedSchema = z.strictObject({ count: z.int(), bytes: z.int() });

/** What a collection is to do. */
export const collectionRequestSchema = z
  .strictObject({ dryRun: z.boolean().default(false) })
  .prefault({})
  .meta({ id: 'CollectionRequest' });

/** What a collection removed, or would remove. */
export const collectionReportSchema = z
  .strictObject({
    dryRun: z.boolean(),
    images: z.array(z.strictObject({ digest: digestSchema, bytes: z.int() })),
    debugFiles: collectedSchema,
    builds: collectedSchema,
    objects: collectedSchema,
    freedBytes: z.int(),
  })
  .meta({ id: 'CollectionReport' });
