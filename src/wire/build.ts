// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';
import {
  digestSchema,
  folderNameSchema,
  pageOf,
  sourceDigestSchema,
  symbolsSchema,
  targetSchema,
  timestampSchema,
  uuidSchema,
} from './common.js';

export const librarySchema = z
  .strictObject({
    name: z.string(),
    symbol: z.string(),
    pool: z.enum(['arch', 'plat', 'lib', 'ext']),
    summary: z.string(),
    help: z.string(),
  })
  .meta({ id: 'Library' });
export const libraryPageSchema = pageOf(librarySchema).meta({ id: 'LibraryPage' });

export const applicationSchema = z
  .strictObject({
    name: z.string(),
    summary: z.string(),
    help: z.string(),
    targets: z.array(targetSchema),
    defaults: z.record(z.string(), z.string()),
  })
  .meta({ id: 'Application' });
/** An entry of a menu: of one that is neither a symbol nor a choice, only the first five tell something. */
export const menuEntrySchema = z
  .strictObject({
    kind: z.enum(['menu', 'config', 'choice', 'comment']),
    prompt: z.string(),
    help: z.string().nullable(),
    visible: z
      .boolean()
      .meta({ description: 'Whether a menu shows it, with the values as they are' }),
    dependsOn: z.string().nullable().meta({ description: 'An expression of Kconfig' }),
    symbol: z.string().nullable(),
    type: z.enum(['bool', 'tristate', 'int', 'hex', 'string']).nullable(),
    value: z.string().nullable().meta({ description: 'Of a choice: the member that is chosen' }),
    default: z.string().nullable().meta({ description: 'The value as long as nobody sets it' }),
    allowed: z
      .array(z.string())
      .nullable()
      .meta({ description: 'What it can be set to now; of a choice, its members' }),
    range: z.strictObject({ low: z.string(), high: z.string() }).nullable(),
    chosen: z.boolean().meta({ description: "The request or the application's defaults set it" }),
    selectedBy: z.array(z.string()).meta({ description: 'Symbols that force it' }),
    get entries() {
      return z.array(menuEntrySchema);
    },
  })
  .meta({ id: 'MenuEntry' });

export const configurationMenuSchema = z
  .strictObject({
    target: targetSchema,
    title: z.string(),
    entries: z.array(menuEntrySchema),
    defconfig: z.string().meta({
      description: 'What differs from the defaults; a build takes it as `config`',
    }),
  })
  .meta({ id: 'ConfigurationMenu' });

export const applicationDetailSchema = applicationSchema
  .extend({ menu: configurationMenuSchema })
  .meta({ id: 'ApplicationDetail' });

export const applicationQuerySchema = z.strictObject({
  target: targetSchema
    .optional()
    .meta({ description: "Whose menu to show; the first that the application's defaults choose" }),
});

export const applicationPageSchema = pageOf(applicationSchema).meta({ id: 'ApplicationPage' });

export const sourceSchema = z
  .strictObject({
    digest: sourceDigestSchema,
    app: z.string(),
    summary: z.string(),
    files: z.int(),
    bytes: z.int(),
    createdAt: timestampSchema,
  })
  .meta({ id: 'Source' });
export const sourcePageSchema = pageOf(sourceSchema).meta({ id: 'SourcePage' });

/** What an application is named by: one of the two. */
const applicationShape = {
  app: folderNameSchema.optional().meta({ description: 'An application of the pools' }),
  source: sourceDigestSchema.optional(),
};

/** Whether a body names an application in one way. */
export function namesOneApplication(body: {
  readonly app?: string | undefined;
  readonly source?: string | undefined;
}): boolean {
  return (body.app === undefined) !== (body.source === undefined);
}
const ONE_APPLICATION = {
  path: ['app'],
  message: 'give an app of the pools or an uploaded source',
};

const targetsSchema = z.array(targetSchema).min(1).max(32);

const configurationShape = {
  ...applicationShape,
  targets: targetsSchema,
  symbols: symbolsSchema.default({}),
};

export const configurationRequestSchema = z
  .strictObject(configurationShape)
  .refine(namesOneApplication, ONE_APPLICATION)
  .meta({ id: 'ConfigurationRequest' });

export const menuRequestSchema = z
  .strictObject({
    ...applicationShape,
    target: targetSchema,
    symbols: symbolsSchema.default({}),
  })
  .refine(namesOneApplication, ONE_APPLICATION)
  .meta({ id: 'MenuRequest' });

export const libraryGraphRequestSchema = z
  .strictObject(configurationShape)
  .refine(namesOneApplication, ONE_APPLICATION)
  .meta({ id: 'LibraryGraphRequest' });

export const explanationRequestSchema = z
  .strictObject({
    ...configurationShape,
    symbol: z
      .string()
      .regex(/^[A-Z0-9_]{1,128}$/, 'a symbol is capitals, digits and _, without CONFIG_'),
  })
  .refine(namesOneApplication, ONE_APPLICATION)
  .meta({ id: 'ExplanationRequest' });

/** Why a symbol has its value, for each target. `turnOn` is checked; null if no way was found. */
export const explanationSchema = z
  .strictObject({
    targets: z.array(
      z.strictObject({
        target: targetSchema,
        symbol: z.string(),
        value: z.string(),
        reasons: z.array(
          z.strictObject({ kind: z.string(), text: z.string(), position: z.string().nullable() }),
        ),
        unmet: z.array(z.string()),
        turnOn: z.array(z.strictObject({ symbol: z.string(), value: z.string() })).nullable(),
      }),
    ),
  })
  .meta({ id: 'Explanation' });

/** The libraries of each target's configuration, and what selected what. */
export const libraryGraphSchema = z
  .strictObject({
    targets: z.array(
      z.strictObject({
        target: targetSchema,
        libraries: z.array(
          z.strictObject({
            library: z.string(),
            symbol: z.string(),
            why: z.enum(['chosen', 'selected', 'default']),
            selectedBy: z.array(
              z.strictObject({ symbol: z.string(), library: z.string().nullable() }),
            ),
          }),
        ),
      }),
    ),
  })
  .meta({ id: 'LibraryGraph' });
export type LibraryGraphDocument = z.infer<typeof libraryGraphSchema>;

export const configurationWarningSchema = z
  .strictObject({ symbol: z.string(), needs: z.string().nullable(), message: z.string() })
  .meta({ id: 'ConfigurationWarning' });

const resolvedTargetSchema = z.strictObject({
  target: targetSchema,
  config: z.string(),
  libraries: z.array(z.string()),
  warnings: z.array(configurationWarningSchema),
});

/** `config` is the first target's; `libraries` and `warnings` are those of all; `targets` has each by itself. */
export const resolvedConfigurationSchema = z
  .strictObject({
    config: z.string(),
    libraries: z.array(z.string()),
    warnings: z.array(configurationWarningSchema),
    targets: z.array(resolvedTargetSchema),
  })
  .meta({ id: 'ResolvedConfiguration' });

const MAXIMUM_DEFCONFIG_CHARACTERS = 65_536;

export const createBuildSchema = z
  .strictObject({
    ...applicationShape,
    targets: targetsSchema,
    config: z
      .union([symbolsSchema, z.string().max(MAXIMUM_DEFCONFIG_CHARACTERS)])
      .optional()
      .meta({ description: 'The same as symbols; or the text of a defconfig or .config' }),
    symbols: symbolsSchema.optional(),
  })
  .refine((body) => body.config === undefined || body.symbols === undefined, {
    path: ['config'],
    message: 'give config or symbols, not both',
  })
  .refine(namesOneApplication, ONE_APPLICATION)
  .meta({ id: 'CreateBuild' });

export const buildPhaseSchema = z
  .enum(['queued', 'running', 'succeeded', 'failed', 'cancelled'])
  .meta({ id: 'BuildPhase' });

const codedErrorSchema = z.strictObject({ code: z.string(), message: z.string() }).nullable();

export const buildSchema = z
  .strictObject({
    id: uuidSchema,
    app: z.string(),
    source: sourceDigestSchema.nullable(),
    phase: buildPhaseSchema,
    targets: z.array(
      z.strictObject({
        target: targetSchema,
        phase: buildPhaseSchema,
        image: digestSchema.nullable(),
        cached: z.boolean(),
        error: codedErrorSchema,
        progress: z
          .strictObject({ done: z.int(), total: z.int(), file: z.string().nullable() })
          .nullable()
          .meta({ description: 'Files that are compiled' }),
        warnings: z.array(configurationWarningSchema),
      }),
    ),
    createdAt: timestampSchema,
    startedAt: timestampSchema.nullable(),
    finishedAt: timestampSchema.nullable(),
  })
  .meta({ id: 'Build' });
export const buildPageSchema = pageOf(buildSchema).meta({ id: 'BuildPage' });

/** One frame of a build's log on its WebSocket. */
export const buildLogChunkSchema = z.strictObject({ offset: z.int(), text: z.string() });

export const logQuerySchema = z.strictObject({
  from: z.coerce.number().int().min(0).default(0).meta({ description: 'Byte offset in the log' }),
});

export type SourceDocument = z.infer<typeof sourceSchema>;
export type BuildDocument = z.infer<typeof buildSchema>;
export type LibraryDocument = z.infer<typeof librarySchema>;
export type ApplicationDocument = z.infer<typeof applicationSchema>;
