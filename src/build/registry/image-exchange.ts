// SPDX-License-Identifier: BSD-3-Clause
import { openAsBlob } from 'node:fs';
import { UnicoreError } from '../../errors/index.js';
import type { ImageDigest, ImageManifest } from '../image.js';
import { formatClaims, parseClaims, type ImageClaims } from '../images/index.js';
import type { ExchangeProgress, ImageExchange, ImageStore } from '../ports.js';
import { spdxDocument } from '../sbom/index.js';
import { formatArtifact, MEDIA_TYPE, parseArtifact, type Descriptor } from './artifact.js';
import { collect, digestOf, mismatch, verified } from './bounded-body.js';
import { formatReference, parseReference, type Reference } from './reference.js';
import { RegistryClient } from './registry-client.js';
import type { ExchangeSettings, RegistrySettings } from './registry-settings.js';
import { isSigned, signaturesIn, signatureTag, signManifest } from './signature.js';

export interface OciImageExchangeOptions {
  readonly settings: ExchangeSettings;
  readonly images: ImageStore;
  /** The largest image that is pulled, in bytes. */
  readonly maxImageBytes: number;
}

const MOST_CLAIMS_BYTES = 4 * 1024 * 1024;
/** For a whole transfer. */
const TRANSFER_MILLISECONDS = 1_800_000;

/** Images as OCI artifacts in registries. Everything that comes from one is checked against its digest before it is kept. */
export class OciImageExchange implements ImageExchange {
  readonly #o: OciImageExchangeOptions;

  constructor(options: OciImageExchangeOptions) {
    this.#o = options;
  }

  requireAllowed(reference: string): void {
    this.#registry(parseReference(reference));
  }

  async pull(
    text: string,
    progress: ExchangeProgress,
    signal: AbortSignal,
  ): Promise<ImageManifest> {
    const reference = parseReference(text);
    const client = this.#client(reference, 'pull', signal);
    const found = await client.manifest(reference.version);
    if (found === null) {
      throw new UnicoreError(
        'UNKNOWN_REMOTE_IMAGE',
        `The registry ${reference.registry} has no ${formatReference(reference)}.`,
      );
    }
    await this.#requireSignature(client, found.digest);
    const { configuration, kernel } = parseArtifact(found.text);
    const { maxImageBytes, images } = this.#o;
    if (kernel.size > maxImageBytes) {
      throw new UnicoreError(
        'BODY_TOO_LARGE',
        `The image has ${kernel.size} bytes; at most ${maxImageBytes} are taken.`,
      );
    }
    const claims = await this.#claims(client, configuration);
    const source = counted(verified(client.blob(kernel.digest), kernel), kernel.size, progress);
    const pulledFrom = formatReference({ ...reference, version: found.digest });
    const { manifest } = await images.import(source, { ...claims, pulledFrom });
    return manifest;
  }

  async push(
    digest: ImageDigest,
    text: string,
    progress: ExchangeProgress,
    signal: AbortSignal,
  ): Promise<string> {
    const reference = parseReference(text);
    const client = this.#client(reference, 'pull,push', signal);
    const { manifest, path } = await this.#o.images.get(digest);
    const configuration = Buffer.from(formatClaims(manifest));
    const sbom = Buffer.from(JSON.stringify(spdxDocument(manifest)));
    const parts = {
      configuration: described(MEDIA_TYPE.configuration, configuration),
      kernel: { mediaType: MEDIA_TYPE.kernel, digest, size: manifest.bytes },
      sbom: described(MEDIA_TYPE.sbom, sbom),
    };
    await client.putBlob(parts.kernel, await openAsBlob(path));
    progress(manifest.bytes, manifest.bytes);
    await client.putBlob(parts.configuration, configuration);
    await client.putBlob(parts.sbom, sbom);
    const artifact = formatArtifact(manifest, parts);
    const artifactDigest = digestOf(Buffer.from(artifact));
    const wanted = reference.version.startsWith('sha256:') ? artifactDigest : reference.version;
    if (reference.version !== wanted) {
      throw mismatch(reference.version, `the image's own manifest has the digest ${wanted}`);
    }
    // The signature first: whoever sees the image can check it.
    await this.#sign(client, reference, artifactDigest);
    await client.putManifest(wanted, artifact);
    return artifactDigest;
  }

  async #claims(client: RegistryClient, descriptor: Descriptor): Promise<ImageClaims> {
    const source = verified(client.blob(descriptor.digest), descriptor);
    const text = (await collect(source, MOST_CLAIMS_BYTES)).toString('utf8');
    try {
      return parseClaims(text);
    } catch (error) {
      throw new UnicoreError(
        'REGISTRY_CONTENT_MISMATCH',
        "The artifact's configuration is not the manifest of an image.",
        { cause: error },
      );
    }
  }

  async #sign(client: RegistryClient, reference: Reference, digest: string): Promise<void> {
    const { signingKey } = this.#o.settings;
    if (signingKey === null) return;
    const name = `${reference.registry}/${reference.repository}`;
    const { manifest, blobs } = signManifest(digest, name, signingKey);
    for (const { descriptor, bytes } of blobs) await client.putBlob(descriptor, bytes);
    await client.putManifest(signatureTag(digest), manifest);
  }

  /** @throws SIGNATURE_MISSING */
  async #requireSignature(client: RegistryClient, digest: string): Promise<void> {
    const { verification, publicKeys } = this.#o.settings;
    if (verification === 'off') return;
    const found = await client.manifest(signatureTag(digest));
    for (const { payload, signature } of found === null ? [] : signaturesIn(found.text)) {
      const bytes = await collect(verified(client.blob(payload.digest), payload), payload.size);
      if (isSigned(digest, bytes, signature, publicKeys)) return;
    }
    throw new UnicoreError(
      'SIGNATURE_MISSING',
      `${digest} has ${found === null ? 'no signature' : 'no signature by a key that is trusted'}. The configuration takes signed images only (exchange.verification).`,
    );
  }

  #client(
    reference: Reference,
    actions: 'pull' | 'pull,push',
    signal: AbortSignal,
  ): RegistryClient {
    return new RegistryClient({
      settings: this.#registry(reference),
      repository: reference.repository,
      actions,
      signal: AbortSignal.any([signal, AbortSignal.timeout(TRANSFER_MILLISECONDS)]),
    });
  }

  /** @throws REGISTRY_NOT_ALLOWED */
  #registry({ registry }: Reference): RegistrySettings {
    const settings = this.#o.settings.registries.find(({ host }) => host === registry);
    if (settings !== undefined) return settings;
    throw new UnicoreError(
      'REGISTRY_NOT_ALLOWED',
      `The daemon speaks to the registries of its configuration only, and ${registry} is not among them. Add to its file: [[exchange.registries]] with host = "${registry}", and start it again.`,
    );
  }
}

async function* counted(
  source: AsyncIterable<Uint8Array>,
  total: number,
  progress: ExchangeProgress,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.byteLength;
    progress(bytes, total);
    yield chunk;
  }
}

function described(mediaType: string, bytes: Uint8Array): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
}
