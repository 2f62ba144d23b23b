// SPDX-License-Identifier: BSD-3-Clause
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { Registry } from 'prom-client';
import { WebSocket } from 'ws';
import { MemoryIdempotencyStore } from './memory-idempotency-store.js';
import { createLogger } from '../../../src/api/logging/logger.js';
import { ApiServer, type ApiServerOptions } from '../../../src/api/server.js';
import { tokenDigest } from '../../../src/api/auth/token-registry.js';
import {
  FakeBuilder,
  FakeCatalogue,
  FakeCollector,
  fakeConfigurator,
  FakeImages,
  FakeSources,
} from './build-fakes.js';
import { FakeWarmPools } from './fake-warm-pools.js';
import { FakeEvents, fakeHosts, FakeInstances, FakeOperations, FakeTransfers } from './fakes.js';

export const TOKENS = {
  admin: 'admin-token-of-the-tests-0123456789',
  operator: 'operator-token-of-the-tests-0123456',
  viewer: 'viewer-token-of-the-tests-012345678',
} as const;

/** A server on fakes, listening on a free loopback port. */
export async function startFixture(options: Partial<ApiServerOptions> = {}) {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  const events = new FakeEvents();
  const instances = new FakeInstances(events);
  const builder = new FakeBuilder();
  const images = new FakeImages();
  const collector = new FakeCollector();
  const registry = new Registry();
  const readiness = { ok: true, message: 'fine' };
  const logger = createLogger({ level: 'trace', destination });
  const server = await ApiServer.create(
    {
      catalogue: new FakeCatalogue(),
      configurator: fakeConfigurator,
      builder,
      images,
      collector,
      sources: new FakeSources(),
      instances,
      operations: new FakeOperations(instances),
      transfers: new FakeTransfers(instances),
      hosts: fakeHosts,
      warmPools: new FakeWarmPools(),
      events,
      imageUsage: instances,
      idempotency: new MemoryIdempotencyStore(),
      readiness: [{ name: 'store', check: () => Promise.resolve(readiness) }],
      registry,
      version: '0.0.0-test',
    },
    {
      tokens: Object.entries(TOKENS).map(([role, token]) => ({
        name: `test-${role}`,
        role: role as keyof typeof TOKENS,
        sha256: tokenDigest(token),
      })),
      tokenStore: { load: () => Promise.resolve([]), save: () => Promise.resolve() },
      allowedHosts: ['unicore.example'],
      allowedOrigins: ['https://dashboard.example'],
      tls: null,
      logger,
      ...options,
    },
  );
  const { port } = await server.listen('127.0.0.1', 0);
  return {
    server,
    events,
    instances,
    builder,
    images,
    collector,
    readiness,
    registry,
    logger,
    log: () => lines.join(''),
    port,
    url: `http://127.0.0.1:${port}`,
    address: server.httpServer.address() as AddressInfo,
  };
}

export type Fixture = Awaited<ReturnType<typeof startFixture>>;

/** A WebSocket client that keeps what it was sent, to be taken one after another. */
export class TestSocket {
  readonly #messages: (Buffer | string)[] = [];
  readonly #waiting: ((message: Buffer | string) => void)[] = [];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;

  constructor(readonly socket: WebSocket) {
    socket.on('message', (data: Buffer, binary) => {
      const message = binary ? data : data.toString();
      const next = this.#waiting.shift();
      if (next === undefined) this.#messages.push(message);
      else next(message);
    });
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
      });
    });
    socket.on('error', () => undefined);
  }

  static async open(
    fixture: Fixture,
    path: string,
    options: WebSocket.ClientOptions = {},
  ): Promise<TestSocket> {
    const { headers, ...rest } = options;
    const socket = new WebSocket(`ws://127.0.0.1:${fixture.port}${path}`, {
      headers: { authorization: `Bearer ${TOKENS.operator}`, ...headers },
      ...rest,
    });
    const client = new TestSocket(socket);
    await once(socket, 'open');
    return client;
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  next(): Promise<Buffer | string> {
    const message = this.#messages.shift();
    if (message !== undefined) return Promise.resolve(message);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async nextJson(): Promise<Record<string, unknown>> {
    return JSON.parse((await this.next()).toString()) as Record<string, unknown>;
  }
}

/** The status and problem that an upgrade is refused with. */
export async function refusedUpgrade(
  fixture: Fixture,
  path: string,
  headers: Record<string, string>,
  protocols: string[] = [],
): Promise<{ status: number; problem: { code: string } }> {
  const socket = new WebSocket(`ws://127.0.0.1:${fixture.port}${path}`, protocols, { headers });
  socket.on('error', () => undefined);
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  const body = (await response.toArray()).join('');
  socket.terminate();
  return { status: response.statusCode ?? 0, problem: JSON.parse(body) as { code: string } };
}
