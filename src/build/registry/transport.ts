// SPDX-License-Identifier: BSD-3-Clause
import { getCACertificates } from 'node:tls';
import type { Dispatcher, fetch } from 'undici';
import { messageOf, UnicoreError } from '../../errors/index.js';
import type { RegistrySettings } from './registry-settings.js';

/** How to speak HTTP with a registry. */
export interface Transport {
  readonly fetch: typeof fetch;
  /** What makes the connections: one of its own for a registry that has certificate authorities of its own. */
  readonly dispatcher: Dispatcher;
}

const agents = new WeakMap<RegistrySettings, Dispatcher>();

/** Loaded when a registry is spoken to: few daemons do, and it takes 28 MB. */
export async function transportFor(settings: RegistrySettings): Promise<Transport> {
  const { Agent, fetch, getGlobalDispatcher } = await import('undici');
  const { certificateAuthorities } = settings;
  if (certificateAuthorities === null) return { fetch, dispatcher: getGlobalDispatcher() };
  const ca = [...getCACertificates('default'), certificateAuthorities];
  const dispatcher = agents.get(settings) ?? new Agent({ connect: { ca } });
  agents.set(settings, dispatcher);
  return { fetch, dispatcher };
}

/** What Node.js calls a chain of certificates that leads to nobody whom it trusts (OpenSSL's X509_V_ERR_*). */
const UNTRUSTED: ReadonlySet<unknown> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED',
  'CERT_SIGNATURE_FAILURE',
]);
const WRONG: ReadonlySet<unknown> = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REVOKED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** Why a host cannot be spoken to, as an error: fetch hides it in the cause. */
export function connectionError(registry: string, asked: URL, error: unknown): UnicoreError {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const host = asked.host === registry ? registry : `${registry}, at ${asked.host},`;
  if (UNTRUSTED.has(code)) {
    return new UnicoreError(
      'REGISTRY_UNTRUSTED',
      `The certificate of the registry ${host} is from no authority that is trusted (${messageOf(cause)}). If it is from one of your own, name its file: caFile of the registry in the configuration.`,
    );
  }
  if (WRONG.has(code)) {
    return new UnicoreError(
      'REGISTRY_UNTRUSTED',
      `The certificate of the registry ${host} is not good: ${messageOf(cause)}.`,
    );
  }
  return unavailable(registry, messageOf(cause));
}

export function unavailable(registry: string, why: string): UnicoreError {
  return new UnicoreError(
    'REGISTRY_UNAVAILABLE',
    `The registry ${registry} cannot be used: ${why}.`,
    { retryAfterSeconds: 10 },
  );
}
