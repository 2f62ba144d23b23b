// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';
import type { ImageManifest } from '../image.js';
import { mismatch } from './bounded-body.js';

/** The media types of an image as an OCI artifact (OCI Image Specification 1.1, "Guidelines for Artifact Usage"). */
export const MEDIA_TYPE = {
  artifact: 'application/vnd.unicore.image.v1',
  configuration: 'application/vnd.unicore.manifest.v1+json',
  kernel: 'application/vnd.unicore.kernel.v1',
  sbom: 'application/spdx+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
} as const;

const descriptor = z.object({
  mediaType: z.string().max(255),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  size: z.int().nonnegative(),
  annotations: z.record(z.string(), z.string()).optional(),
});
export type Descriptor = z.infer<typeof descriptor>;

export const ociManifest = z.object({
  schemaVersion: z.literal(2),
  artifactType: z.string().max(255).optional(),
  config: descriptor,
  layers: z.array(descriptor).max(64),
});
export type OciManifest = z.infer<typeof ociManifest>;

/** The parts of an artifact that is an image of ours. @throws REGISTRY_CONTENT_MISMATCH if it is none */
export function parseArtifact(text: string): {
  readonly configuration: Descriptor;
  readonly kernel: Descriptor;
} {
  const manifest = parseManifestOf(text);
  const kernel = manifest.layers.find(({ mediaType }) => mediaType === MEDIA_TYPE.kernel);
  if (manifest.config.mediaType !== MEDIA_TYPE.configuration || kernel === undefined) {
    throw mismatch('the reference', 'it is no unikernel image, but some other artifact');
  }
  return { configuration: manifest.config, kernel };
}

/** @throws REGISTRY_CONTENT_MISMATCH */
export function parseManifestOf(text: string): OciManifest {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw mismatch('the manifest', 'it is not JSON');
  }
  const result = ociManifest.safeParse(document);
  if (result.success) return result.data;
  throw mismatch('the manifest', 'it is no OCI image manifest');
}

/** The OCI manifest of an image. The same image always gives the same text, so the same digest. */
export function formatArtifact(
  { app, target, architecture }: ImageManifest,
  parts: {
    readonly configuration: Descriptor;
    readonly kernel: Descriptor;
    readonly sbom: Descriptor;
  },
): string {
  const title = [app ?? 'image', target ?? architecture].join('_');
  const titled = (part: Descriptor, name: string): Descriptor => ({
    ...part,
    annotations: { 'org.opencontainers.image.title': name },
  });
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.manifest,
    artifactType: MEDIA_TYPE.artifact,
    config: parts.configuration,
    layers: [titled(parts.kernel, title), titled(parts.sbom, `${title}.spdx.json`)],
  });
}
