// SPDX-License-Identifier: BSD-3-Clause
import { UnicoreError } from '../../errors/index.js';

/** Where an image is in a registry. */
export interface Reference {
  /** Host, and port if it is not 443: as it stands in the configuration. */
  readonly registry: string;
  readonly repository: string;
  /** A tag, or the digest of an OCI manifest. */
  readonly version: string;
}

const HOST = /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/;
/** Source: OCI Distribution Specification 1.1, "Pulling manifests". */
const REPOSITORY =
  /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const MOST_CHARACTERS = 512;

/**
 * Reads `registry.example.org[:port]/name[/name...][:tag|@sha256:…]`; without a version it is `latest`. The registry has to be
 * there: no registry is anybody's default.
 * @throws INVALID_REFERENCE
 */
export function parseReference(text: string): Reference {
  const slash = text.indexOf('/');
  const registry = text.slice(0, Math.max(0, slash));
  const path = text.slice(slash + 1);
  const at = path.indexOf('@');
  const colon = path.indexOf(':');
  const end = at >= 0 ? at : colon >= 0 ? colon : path.length;
  const repository = path.slice(0, end);
  const version = end === path.length ? 'latest' : path.slice(end + 1);
  const good =
    text.length <= MOST_CHARACTERS &&
    HOST.test(registry) &&
    repository.length <= 255 &&
    REPOSITORY.test(repository) &&
    (at >= 0 ? DIGEST : TAG).test(version);
  if (good) return { registry, repository, version };
  throw new UnicoreError(
    'INVALID_REFERENCE',
    `${JSON.stringify(text.slice(0, 200))} is no reference. Write registry/name:tag or registry/name@sha256:…, as in registry.example.org/team/helloworld:1.`,
    { errors: [{ path: 'reference', message: 'must be registry/name:tag' }] },
  );
}

/** The reference as text, with a digest behind `@` and a tag behind `:`. */
export function formatReference({ registry, repository, version }: Reference): string {
  return `${registry}/${repository}${DIGEST.test(version) ? '@' : ':'}${version}`;
}
