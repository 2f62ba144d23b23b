// SPDX-License-Identifier: BSD-3-Clause
import 'reflect-metadata';
import { once } from 'node:events';
import { chmod, rm } from 'node:fs/promises';
import { Server as HttpsServer } from 'node:https';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { ApiModule } from './api.module.js';
import { Authenticator } from './auth/authenticator.js';
import { FailureLimiter } from './auth/failure-limiter.js';
import { TokenRegistry, type TokenRecord, type TokenStore } from './auth/token-registry.js';
import { buildLogRoute } from './builds/build-log-route.js';
import { EventFanout } from './events/events-route.js';
import { MAXIMUM_JSON_BYTES, registerBodyParsers } from './http/body-parsers.js';
import { HostCheck } from './http/host-check.js';
import { ProblemFilter } from './http/problem-filter.js';
import { requestIdFrom } from './http/request-context.js';
import { registerRequestHooks } from './http/request-hooks.js';
import { RouteTable } from './http/route-table.js';
import { createValidationPipe } from './http/validation.js';
import { consoleRoute } from './instances/console-route.js';
import { NestLogger } from './logging/nest-logger.js';
import { MetricsHistory } from './metrics/history.js';
import { Metrics } from './metrics/metrics.js';
import { createOpenApiDocument } from './openapi/document.js';
import type { ApiServices } from './services.js';
import { UpgradeServer } from './websocket/upgrade-server.js';

export interface ApiServerOptions {
  readonly tokens: readonly TokenRecord[];
  /** Where tokens are kept that are made through the API. */
  readonly tokenStore: TokenStore;
  /** Names, besides loopback and addresses, that requests may be sent to. */
  readonly allowedHosts: readonly string[];
  /** Origins, besides the daemon's own, whose pages may open WebSockets. */
  readonly allowedOrigins: readonly string[];
  /** PEM texts; without them the daemon speaks plain HTTP. */
  readonly tls: { readonly certificate: string; readonly key: string } | null;
  readonly logger: Logger;
  /** What a WebSocket client may leave unread. Default 4 MiB. */
  readonly webSocketByteBudget?: number;
}

/** The HTTP and WebSocket server of the API. */
export class ApiServer {
  #socketServer: Server | null = null;

  private constructor(
    private readonly app: NestFastifyApplication,
    private readonly upgrades: UpgradeServer,
    private readonly fanout: EventFanout,
    private readonly metrics: Metrics,
    private readonly history: MetricsHistory,
    private readonly stopping: AbortController,
  ) {}

  /** Builds the server; it listens nowhere yet. */
  static async create(services: ApiServices, options: ApiServerOptions): Promise<ApiServer> {
    const { logger } = options;
    const stopping = new AbortController();
    const metrics = new Metrics(
      services.registry,
      services.instances,
      services.events,
      services.builder,
      services.version,
    );
    const history = new MetricsHistory(services.registry);
    await history.sample(Date.now());
    history.start();
    const hosts = new HostCheck(options.allowedHosts, options.allowedOrigins);
    const tokens = await TokenRegistry.open(options.tokens, options.tokenStore);
    const authenticator = new Authenticator(tokens, new FailureLimiter());
    const routes = new RouteTable();
    const problems = new ProblemFilter(logger, routes);
    const adapter = createAdapter(options.tls, problems);
    const fastify = adapter.getInstance<FastifyInstance>();
    fastify.addHook('onRoute', ({ method, url }) => {
      routes.add(method, url);
    });
    registerBodyParsers(fastify);
    registerRequestHooks(fastify, { authenticator, hosts, metrics, logger });

    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class
    const nestOptions: NestApplicationOptions = {
      bodyParser: false,
      logger: new NestLogger(logger),
      abortOnError: false,
    };
    const app = await NestFactory.create<NestFastifyApplication>(
      ApiModule.with(services, tokens, metrics, history, stopping.signal),
      adapter,
      nestOptions,
    );
    app.useGlobalPipes(createValidationPipe());
    app.useGlobalFilters(problems);
    SwaggerModule.setup('docs', app, () => createOpenApiDocument(app, services.version), {
      jsonDocumentUrl: 'openapi.json',
      raw: ['json'],
    });
    await app.init();
    await fastify.ready();

    const fanout = new EventFanout(services.events, services, metrics);
    const upgrades = new UpgradeServer({
      routes: [fanout.route(), consoleRoute(services.instances), buildLogRoute(services.builder)],
      authenticator,
      hosts,
      metrics,
      logger,
      ...(options.webSocketByteBudget === undefined
        ? {}
        : { byteBudget: options.webSocketByteBudget }),
    });
    upgrades.attach(fastify.server);
    return new ApiServer(app, upgrades, fanout, metrics, history, stopping);
  }

  /** The server of Node.js underneath, for tests. */
  get httpServer(): NestFastifyApplication['getHttpServer'] extends () => infer T ? T : never {
    return this.app.getHttpServer();
  }

  /** Listens on a TCP address. Port 0 takes a free one. Returns where it listens. */
  async listen(
    host: string,
    port: number,
  ): Promise<{ readonly host: string; readonly port: number }> {
    await this.app.listen(port, host);
    const address = this.app.getHttpServer().address() as AddressInfo;
    return { host: address.address, port: address.port };
  }

  /** Listens on a Unix socket too, which only its owner can open. What is left of an earlier daemon at the path is replaced. */
  async listenOnSocket(path: string): Promise<void> {
    const http = this.app.getHttpServer();
    // A socket's connections never carry TLS; an HTTPS server takes plain ones by its own event.
    const event = http instanceof HttpsServer ? 'secureConnection' : 'connection';
    const server = createServer((socket: Socket) => {
      http.emit(event, socket);
    });
    await rm(path, { force: true });
    const mask = process.umask(0o177);
    try {
      server.listen(path);
    } finally {
      process.umask(mask);
    }
    await once(server, 'listening');
    await chmod(path, 0o600);
    this.#socketServer = server;
  }

  /** Ends waits, closes WebSockets with 1001, lets requests under way finish, within `milliseconds`. */
  async close(milliseconds: number): Promise<void> {
    this.stopping.abort();
    this.fanout.close();
    this.#socketServer?.close();
    await this.upgrades.close(milliseconds / 2);
    const http = this.app.getHttpServer();
    const cut = setTimeout(() => {
      http.closeAllConnections();
    }, milliseconds / 2);
    try {
      await this.app.close();
    } finally {
      clearTimeout(cut);
      this.history.close();
      this.metrics.close();
    }
  }
}

function createAdapter(tls: ApiServerOptions['tls'], problems: ProblemFilter): FastifyAdapter {
  const common = {
    logger: false,
    bodyLimit: MAXIMUM_JSON_BYTES,
    requestIdHeader: false as const,
    genReqId: (request: { headers: Record<string, string | string[] | undefined> }) =>
      requestIdFrom(request.headers['x-request-id']),
    // Time for a whole request to arrive; an image of 256 MiB is the largest.
    requestTimeout: 300_000,
    forceCloseConnections: 'idle' as const,
    // What the router refuses before any hook runs, such as a path that cannot be decoded.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      problems.send(error, request, reply);
    },
  };
  return tls === null
    ? new FastifyAdapter(common)
    : new FastifyAdapter({
        ...common,
        https: { cert: tls.certificate, key: tls.key, minVersion: 'TLSv1.2' as const },
      });
}
