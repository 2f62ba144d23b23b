// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';

/** RFC 3339, UTC. */
export const timestampSchema = z.iso.datetime();

export const digestSchema = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/, 'must be sha256: and 64 hexadecimal digits')
  .meta({ id: 'ImageDigest', description: "SHA-256 of the image's bytes" });

export const sourceDigestSchema = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/, 'must be sha256: and 64 hexadecimal digits')
  .meta({ id: 'SourceDigest', description: "SHA-256 of an uploaded application's files" });

export const targetSchema = z
  .string()
  .regex(
    /^[a-z][a-z0-9]{0,31}-[a-z][a-z0-9_]{0,31}$/,
    'must be <platform>-<architecture>, as in kvm-x86_64',
  )
  .meta({ id: 'Target', description: 'Platform and architecture, as in kvm-x86_64' });

/** Names of applications and libraries are folder names: no separators, no dots in front. */
export const folderNameSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/, 'must be letters, digits, _ and -, at most 63');

/** Names of instances and hosts are DNS labels. */
export const resourceNameSchema = z
  .string()
  .regex(
    /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/,
    'must be lower-case letters, digits and -, at most 63, with a letter or digit at both ends',
  );

export const uuidSchema = z.uuid('must be a UUID');

export const labelKeySchema = z
  .string()
  .regex(
    /^[A-Za-z0-9](?:[-A-Za-z0-9_./]{0,126}[A-Za-z0-9])?$/,
    'a label key is letters, digits, - _ . /, at most 128, with a letter or digit at both ends',
  );
export const labelValueSchema = z
  .string()
  .regex(
    /^[-A-Za-z0-9_.:/@+]{0,128}$/,
    'a label value is letters, digits, - _ . : / @ +, at most 128',
  );

export const MAXIMUM_LABELS = 64;

export const labelsSchema = z
  .record(labelKeySchema, labelValueSchema)
  .refine((labels) => Object.keys(labels).length <= MAXIMUM_LABELS, {
    message: `at most ${MAXIMUM_LABELS} labels`,
  })
  .meta({ id: 'Labels' });

/** Kconfig symbols without `CONFIG_`, and values as they stand in a `.config`. */
export const symbolsSchema = z
  .record(
    z.string().regex(/^[A-Z0-9_]{1,128}$/, 'a symbol is capitals, digits and _, without CONFIG_'),
    z
      .string()
      .max(1024)
      // eslint-disable-next-line no-control-regex -- control characters are what is refused
      .regex(/^[^\u0000-\u001f\u007f]*$/, 'a value has no control characters'),
  )
  .refine((symbols) => Object.keys(symbols).length <= 4096, { message: 'at most 4096 symbols' });

export const selectorSchema = z
  .string()
  .max(4096)
  .meta({ description: 'key=value, key!=value, key, !key, joined by commas; all must hold' });

/** Seconds to wait for the outcome before answering with what there is. */
export const waitQuerySchema = z.strictObject({
  wait: z.coerce.number().min(0).max(300).default(30).meta({
    description: 'Seconds to wait for the outcome; 0 answers at once',
  }),
});

/** One page of a list. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.strictObject({ items: z.array(item), next: z.string().nullable() });
}

export const RESOURCE_KINDS = [
  'instance',
  'host',
  'build',
  'image',
  'operation',
  'warm-pool',
] as const;
