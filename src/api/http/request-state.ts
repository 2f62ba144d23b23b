// SPDX-License-Identifier: BSD-3-Clause
import type { FastifyRequest } from 'fastify';
import type { Principal } from '../auth/token-registry.js';

const ANONYMOUS: Principal = { name: 'anonymous', role: 'viewer', quota: {}, rate: null };
const principals = new WeakMap<FastifyRequest, Principal>();

/** Notes whom a request comes from. */
export function setPrincipal(request: FastifyRequest, principal: Principal): void {
  principals.set(request, principal);
}

/** Whom a request comes from. Only routes that need no token have no principal. */
export function principalOf(request: FastifyRequest): Principal {
  return principals.get(request) ?? ANONYMOUS;
}
