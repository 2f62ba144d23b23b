// SPDX-License-Identifier: BSD-3-Clause
import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';

const NAMES = new WeakMap<FastifyRequest, string>();

/**
 * Names a request by its idempotency key and by what it asks for. What it makes is stored with this name: if the daemon dies before
 * the answer is stored, the same request finds it.
 */
export function nameRequest(request: FastifyRequest, key: string, fingerprint: string): void {
  NAMES.set(request, createHash('sha256').update(`${key}\n${fingerprint}`).digest('hex'));
}

/** Undefined if the request has no key. */
export function nameOfRequest(request: FastifyRequest): string | undefined {
  return NAMES.get(request);
}
