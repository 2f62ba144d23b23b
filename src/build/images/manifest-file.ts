// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';
import { isImageDigest, type ImageDigest, type ImageManifest } from '../image.js';
import { isTarget, type Target } from '../target.js';

const size = z.int().nonnegative();
const textOrNull = z.string().nullable().default(null);

/** What has a default came later than the first manifests, which still are on disks. */
const manifestFile = z.object({
  digest: z.custom<ImageDigest>((value) => typeof value === 'string' && isImageDigest(value)),
  bytes: z.int().nonnegative(),
  app: z.string().nullable(),
  target: z.custom<Target>((value) => typeof value === 'string' && isTarget(value)).nullable(),
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
  parks: z.boolean().default(false),
  minimumMemoryBytes: z.int().positive().nullable(),
  libraries: z.array(
    z.object({
      name: z.string(),
      bytes: size,
      sizes: z
        .object({ code: size, constants: size, data: size, bss: size })
        .nullable()
        .default(null),
      version: textOrNull,
      licence: textOrNull,
      sourcesHash: textOrNull,
    }),
  ),
  configuration: z.string().nullable(),
  inputsHash: z.string().nullable(),
  origin: z.enum(['built', 'imported']),
  createdAt: z.string(),
  buildId: textOrNull,
  compiler: textOrNull,
  description: textOrNull,
  pulledFrom: textOrNull,
});

/** @throws an error that says which field is wrong */
export function parseManifest(text: string): ImageManifest {
  return manifestFile.parse(JSON.parse(text));
}

/** What whoever built an image says of it, and its bytes alone do not. */
const claimsFile = manifestFile.pick({
  libraries: true,
  configuration: true,
  inputsHash: true,
  compiler: true,
});
export type ImageClaims = z.infer<typeof claimsFile>;

/** @throws an error that says which field is wrong */
export function parseClaims(text: string): ImageClaims {
  return claimsFile.parse(JSON.parse(text));
}

/** The same text for the same image, wherever and whenever it was taken in. */
export function formatClaims(manifest: ImageManifest): string {
  const { libraries, configuration, inputsHash, compiler } = manifest;
  return JSON.stringify({ libraries, configuration, inputsHash, compiler });
}

export function formatManifest(manifest: ImageManifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
