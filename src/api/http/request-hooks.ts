// SPDX-License-Identifier: BSD-3-Clause
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { requireRole, type Authenticator } from '../auth/authenticator.js';
import { roleForMethod } from '../auth/roles.js';
import type { Metrics } from '../metrics/metrics.js';
import type { HostCheck } from './host-check.js';
import { requestContext } from './request-context.js';
import { principalOf, setPrincipal } from './request-state.js';
import { setSecurityHeaders } from './security-headers.js';

export interface RequestHookOptions {
  readonly authenticator: Authenticator;
  readonly hosts: HostCheck;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** What anybody may see: that the process lives, and the description of the API, which is the same everywhere. */
function needsNoToken(path: string): boolean {
  return (
    path === '/healthz' || path === '/openapi.json' || path === '/docs' || path.startsWith('/docs/')
  );
}

/** What happens to every request before its body is read, and after it is answered. */
export function registerRequestHooks(fastify: FastifyInstance, options: RequestHookOptions): void {
  const { authenticator, hosts, metrics, logger } = options;

  fastify.addHook('onRequest', (request, _reply, done) => {
    requestContext.run({ requestId: request.id }, done);
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    const path = pathOf(request.url);
    void reply.header('X-Request-Id', request.id);
    setSecurityHeaders(reply, path);
    hosts.checkHost(request.headers.host);
    if (!needsNoToken(path)) {
      const principal = authenticator.authenticate(request.raw);
      setPrincipal(request, principal);
      requireRole(principal, roleForMethod(request.method));
    }
    done();
  });
  // The events of a body's stream come in another context than the request's own.
  fastify.addHook('preValidation', (request, _reply, done) => {
    requestContext.run({ requestId: request.id }, done);
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unmatched';
    const seconds = reply.elapsedTime / 1000;
    metrics.observeRequest(request.method, route, reply.statusCode, seconds);
    requestContext.run({ requestId: request.id }, () => {
      logger.info(
        {
          method: request.method,
          path: pathOf(request.url),
          status: reply.statusCode,
          milliseconds: Math.round(reply.elapsedTime * 1000) / 1000,
          client: principalOf(request).name,
        },
        'request',
      );
    });
    done();
  });
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? '/';
}
