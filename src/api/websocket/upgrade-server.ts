// SPDX-License-Identifier: BSD-3-Clause
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { WebSocketServer } from 'ws';
import { UnicoreError } from '../../errors/index.js';
import { requireRole, type Authenticator } from '../auth/authenticator.js';
import type { Role } from '../auth/roles.js';
import type { Principal } from '../auth/token-registry.js';
import type { HostCheck } from '../http/host-check.js';
import { PROBLEM_MEDIA_TYPE, problemOf, toUnicoreError } from '../http/problem.js';
import { requestContext, requestIdFrom } from '../http/request-context.js';
import type { Metrics } from '../metrics/metrics.js';
import { CLOSE, PacedSocket } from './paced-socket.js';

/** What a WebSocket is opened with. */
export interface UpgradeRequest {
  readonly parameters: readonly string[];
  readonly query: Readonly<Record<string, string>>;
  readonly principal: Principal;
}

/** One WebSocket path. */
export interface WebSocketRoute {
  /** Its groups are the parameters. */
  readonly pattern: RegExp;
  /** For metrics. */
  readonly name: string;
  readonly role: Role;
  /** Runs before the upgrade is accepted, so that what is wrong with it is answered over HTTP. */
  check(request: UpgradeRequest): void | Promise<void>;
  handle(socket: PacedSocket, request: UpgradeRequest): void | Promise<void>;
}

export interface UpgradeServerOptions {
  readonly routes: readonly WebSocketRoute[];
  readonly authenticator: Authenticator;
  readonly hosts: HostCheck;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly byteBudget?: number;
  readonly maximumConnections?: number;
}

const MAXIMUM_MESSAGE_BYTES = 64 * 1024;
const SUBPROTOCOL = 'unicore.v1';

/** Answers the upgrades of an HTTP server: authenticates, checks Host and Origin, and hands the socket to its route. */
export class UpgradeServer {
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: MAXIMUM_MESSAGE_BYTES,
    perMessageDeflate: false,
    clientTracking: true,
    // The token that a browser offers as a subprotocol is never sent back.
    handleProtocols: (protocols) => (protocols.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  readonly #sockets = new Set<PacedSocket>();
  #stopping = false;

  constructor(private readonly options: UpgradeServerOptions) {}

  attach(server: Server): void {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const requestId = requestIdFrom(request.headers['x-request-id']);
      const destroy = () => socket.destroy();
      socket.on('error', destroy);
      requestContext.run({ requestId }, () => {
        this.#upgrade(request, socket, head).then(
          () => socket.off('error', destroy),
          (error: unknown) => {
            this.#refuse(socket, requestId, error);
          },
        );
      });
    });
  }

  /** Closes all connections with 1001 and waits until they are closed, or `milliseconds` have passed; then cuts the rest. */
  async close(milliseconds: number): Promise<void> {
    this.#stopping = true;
    const closed = [...this.#sockets].map(
      (socket) =>
        new Promise<void>((resolve) => {
          socket.closed.addEventListener('abort', () => {
            resolve();
          });
          socket.close(CLOSE.goingAway, 'the daemon is stopping');
        }),
    );
    const deadline = AbortSignal.timeout(milliseconds);
    await Promise.race([
      Promise.all(closed),
      new Promise((resolve) => {
        deadline.addEventListener('abort', resolve);
      }),
    ]);
    for (const client of this.#server.clients) client.terminate();
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    if (this.#stopping) throw new UnicoreError('SHUTTING_DOWN', 'Connect again in a few seconds.');
    const { hosts, authenticator, metrics, logger } = this.options;
    hosts.checkHost(request.headers.host);
    hosts.checkOrigin(request.headers.origin, request.headers.host);
    const principal = authenticator.authenticateUpgrade(request);
    if (this.#sockets.size >= (this.options.maximumConnections ?? 10_000)) {
      throw new UnicoreError('QUEUE_FULL', 'Too many WebSockets are open.', {
        retryAfterSeconds: 5,
      });
    }
    const { route, upgrade } = this.#route(request, principal);
    requireRole(principal, route.role);
    await route.check(upgrade);
    if (socket.destroyed) return;
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      const paced = new PacedSocket(webSocket, {
        ...(this.options.byteBudget === undefined ? {} : { byteBudget: this.options.byteBudget }),
        onSlow: () => {
          metrics.countSlowClient(route.name);
        },
        onError: (error) => {
          logger.error({ err: error, path: route.name }, 'WebSocket failed');
        },
      });
      const release = metrics.openWebSocket(route.name);
      this.#sockets.add(paced);
      paced.closed.addEventListener('abort', () => {
        this.#sockets.delete(paced);
        release();
      });
      logger.info({ path: route.name, client: principal.name }, 'WebSocket opened');
      Promise.resolve(route.handle(paced, upgrade)).catch((error: unknown) => {
        paced.fail(error);
      });
    });
  }

  #route(request: IncomingMessage, principal: Principal) {
    const url = URL.parse(request.url ?? '/', 'http://localhost');
    for (const route of url === null ? [] : this.options.routes) {
      const match = route.pattern.exec(url?.pathname ?? '');
      if (match === null) continue;
      const query = Object.fromEntries(url?.searchParams ?? []);
      return { route, upgrade: { parameters: match.slice(1), query, principal } };
    }
    throw new UnicoreError('ROUTE_NOT_FOUND', 'There is no WebSocket at this path.');
  }

  #refuse(socket: Duplex, requestId: string, thrown: unknown): void {
    const error = toUnicoreError(thrown);
    if (error.code === 'INTERNAL') this.options.logger.error({ err: thrown }, 'upgrade failed');
    const problem = problemOf(error, 'GET', requestId);
    const body = JSON.stringify(problem);
    const headers = [
      `HTTP/1.1 ${problem.status} Refused`,
      `Content-Type: ${PROBLEM_MEDIA_TYPE}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      `X-Request-Id: ${requestId}`,
      'Connection: close',
      ...(problem.status === 401 ? ['WWW-Authenticate: Bearer realm="unicore"'] : []),
      ...(error.retryAfterSeconds === undefined ? [] : [`Retry-After: ${error.retryAfterSeconds}`]),
    ];
    socket.end(`${headers.join('\r\n')}\r\n\r\n${body}`);
  }
}
