// SPDX-License-Identifier: BSD-3-Clause
import type { IncomingMessage } from 'node:http';
import { UnicoreError } from '../../errors/index.js';
import type { FailureLimiter } from './failure-limiter.js';
import { RateLimiter } from './rate-limiter.js';
import { roleAllows, type Role } from './roles.js';
import type { Principal, TokenRegistry } from './token-registry.js';

const BEARER_PROTOCOL = /^bearer\.([A-Za-z0-9._~+-]{1,512})$/;

/** Tells whom a request comes from, for plain requests and WebSocket upgrades alike. */
export class Authenticator {
  constructor(
    private readonly tokens: TokenRegistry,
    private readonly failures: FailureLimiter,
    private readonly rates: RateLimiter = new RateLimiter(),
  ) {}

  /** @throws UNAUTHENTICATED, TOO_MANY_REQUESTS */
  authenticate(request: IncomingMessage): Principal {
    return this.#check(tokenFromHeader(request.headers.authorization), request);
  }

  /**
   * As above; a browser, which cannot set headers on a WebSocket, may offer the subprotocol `bearer.<token>` instead.
   * @throws UNAUTHENTICATED, TOO_MANY_REQUESTS
   */
  authenticateUpgrade(request: IncomingMessage): Principal {
    const header = request.headers.authorization;
    const token = header === undefined ? tokenFromProtocols(request) : tokenFromHeader(header);
    return this.#check(token, request);
  }

  #requireRate({ name, rate }: Principal): void {
    const wait = rate === null ? null : this.rates.take(name, rate);
    if (wait === null) return;
    throw new UnicoreError(
      'TOO_MANY_REQUESTS',
      `The token ${name} may make ${rate?.perSecond} requests a second. Wait and ask again.`,
      { retryAfterSeconds: Math.ceil(wait) },
    );
  }

  #check(token: string | null, request: IncomingMessage): Principal {
    const principal = token === null ? null : this.tokens.find(token);
    if (principal !== null) {
      this.#requireRate(principal);
      return principal;
    }
    const wait = this.failures.fail(request.socket.remoteAddress ?? 'local');
    if (wait !== null) {
      throw new UnicoreError('TOO_MANY_REQUESTS', 'Too many requests without a valid token.', {
        retryAfterSeconds: wait,
      });
    }
    throw new UnicoreError(
      'UNAUTHENTICATED',
      'Send "Authorization: Bearer <token>"; the first token is in admin.token of the state directory.',
    );
  }
}

/** @throws FORBIDDEN */
export function requireRole(principal: Principal, needed: Role): void {
  if (roleAllows(principal.role, needed)) return;
  throw new UnicoreError(
    'FORBIDDEN',
    `This needs the role ${needed}; the token has the role ${principal.role}.`,
  );
}

function tokenFromHeader(header: string | undefined): string | null {
  return /^bearer +(\S{1,512})$/i.exec(header ?? '')?.[1] ?? null;
}

function tokenFromProtocols(request: IncomingMessage): string | null {
  for (const protocol of offeredProtocols(request)) {
    const token = BEARER_PROTOCOL.exec(protocol)?.[1];
    if (token !== undefined) return token;
  }
  return null;
}

/** The subprotocols that an upgrade request offers. */
function offeredProtocols(request: IncomingMessage): readonly string[] {
  return (request.headers['sec-websocket-protocol'] ?? '').split(',').map((text) => text.trim());
}
