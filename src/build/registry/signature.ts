// SPDX-License-Identifier: BSD-3-Clause
import { sign, verify, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { MEDIA_TYPE, parseManifestOf, type Descriptor } from './artifact.js';
import { digestOf } from './bounded-body.js';

/**
 * Signatures as cosign keeps them (its specs/SIGNATURE_SPEC.md): a "simple signing" payload, which names the signed manifest by its
 * digest, is a layer of an artifact beside the image; the signature over it is an annotation of the layer. Keys are Ed25519.
 */
const PAYLOAD_TYPE = 'application/vnd.dev.cosign.simplesigning.v1+json';
const SIGNATURE_ANNOTATION = 'dev.cosignproject.cosign/signature';
const CONFIG_TYPE = 'application/vnd.oci.image.config.v1+json';
const SIGNATURE_KIND = 'cosign container image signature';
export const MOST_PAYLOAD_BYTES = 65_536;

const payloadSchema = z.object({
  critical: z.object({
    type: z.literal(SIGNATURE_KIND),
    image: z.object({ 'docker-manifest-digest': z.string() }),
  }),
});

/** The tag that the signatures of a manifest are found at. */
export function signatureTag(manifestDigest: string): string {
  return `${manifestDigest.replace(':', '-')}.sig`;
}

/** All that is to be pushed for a signature. */
export interface SignatureArtifact {
  readonly manifest: string;
  readonly blobs: readonly {
    readonly descriptor: Descriptor;
    readonly bytes: Buffer<ArrayBuffer>;
  }[];
}

/** Signs a manifest's digest. `name` is registry and repository, which the payload holds for people. */
export function signManifest(digest: string, name: string, key: KeyObject): SignatureArtifact {
  const payload = Buffer.from(
    JSON.stringify({
      critical: {
        identity: { 'docker-reference': name },
        image: { 'docker-manifest-digest': digest },
        type: SIGNATURE_KIND,
      },
      optional: null,
    }),
  );
  const layer = {
    ...describe(PAYLOAD_TYPE, payload),
    annotations: { [SIGNATURE_ANNOTATION]: sign(null, payload, key).toString('base64') },
  };
  const config = Buffer.from(
    JSON.stringify({
      architecture: '',
      os: '',
      config: {},
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
    }),
  );
  const configDescriptor = describe(CONFIG_TYPE, config);
  return {
    manifest: JSON.stringify({
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.manifest,
      config: configDescriptor,
      layers: [layer],
    }),
    blobs: [
      { descriptor: layer, bytes: payload },
      { descriptor: configDescriptor, bytes: config },
    ],
  };
}

/** The signatures that an artifact holds: each with the payload's descriptor. */
export function signaturesIn(
  text: string,
): readonly { readonly payload: Descriptor; readonly signature: Buffer }[] {
  return parseManifestOf(text).layers.flatMap((payload) => {
    const signature = payload.annotations?.[SIGNATURE_ANNOTATION];
    const usable = payload.mediaType === PAYLOAD_TYPE && payload.size <= MOST_PAYLOAD_BYTES;
    if (!usable || signature === undefined || signature.length > 1_024) return [];
    return [{ payload, signature: Buffer.from(signature, 'base64') }];
  });
}

/** Whether one of the keys made this signature, and the payload is about this manifest. */
export function isSigned(
  digest: string,
  payload: Buffer,
  signature: Buffer,
  keys: readonly KeyObject[],
): boolean {
  if (!keys.some((key) => verify(null, payload, key, signature))) return false;
  // Only what a trusted key signed is parsed.
  const result = payloadSchema.safeParse(JSON.parse(payload.toString('utf8')));
  return result.success && result.data.critical.image['docker-manifest-digest'] === digest;
}

function describe(mediaType: string, bytes: Uint8Array): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
}
