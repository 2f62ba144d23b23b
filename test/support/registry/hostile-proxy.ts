// SPDX-License-Identifier: BSD-3-Clause
import { once } from 'node:events';
import {
  createServer,
  request,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** What goes wrong on the way from a registry, for answers to paths that `about` matches. */
export type Trouble =
  | { readonly about: RegExp; readonly kind: 'flip' | 'cut' | 'longer' }
  | { readonly about: RegExp; readonly kind: 'redirect'; readonly to: string };

/** Stands before a real registry: passes everything on, makes trouble where it is told, and may want a bearer token. */
export class HostileProxy {
  trouble: Trouble | null = null;
  /** If set, each request needs this token; the token service at `/token` gives it to whoever has these credentials. */
  bearer: { readonly token: string; readonly basic: string } | null = null;
  /** What was asked for, with the Authorization header that came along. */
  readonly requests: { readonly path: string; readonly authorization: string | undefined }[] = [];
  readonly host: string;
  readonly #server: Server;
  readonly #upstream: string;

  private constructor(server: Server, upstream: string) {
    this.#server = server;
    this.#upstream = upstream;
    this.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (asked, answer) => void this.#answer(asked, answer));
  }

  static async start(upstream: string): Promise<HostileProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new HostileProxy(server, upstream);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const path = asked.url ?? '/';
    const { authorization } = asked.headers;
    this.requests.push({ path, authorization });
    if (this.bearer !== null && path.startsWith('/token')) {
      const good = authorization === this.bearer.basic;
      answer.writeHead(good ? 200 : 401, { 'content-type': 'application/json' });
      answer.end(good ? JSON.stringify({ token: this.bearer.token }) : '{}');
      return;
    }
    if (this.bearer !== null && authorization !== `Bearer ${this.bearer.token}`) {
      const realm = `http://${this.host}/token`;
      answer.writeHead(401, { 'www-authenticate': `Bearer realm="${realm}",service="tests"` });
      answer.end();
      asked.resume();
      return;
    }
    const trouble = this.trouble?.about.test(path) === true ? this.trouble : null;
    if (trouble?.kind === 'redirect') {
      answer.writeHead(307, { location: trouble.to }).end();
      return;
    }
    const [hostname, port] = this.#upstream.split(':');
    const headers = { ...asked.headers, host: this.host };
    delete headers.authorization;
    const onward = request({ hostname, port, path, method: asked.method, headers });
    asked.pipe(onward);
    const [reply] = (await once(onward, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of reply as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const status = reply.statusCode ?? 500;
    if (trouble?.kind === 'cut') {
      answer.writeHead(status, { ...reply.headers });
      answer.write(body.subarray(0, body.length / 2), () => asked.socket.destroy());
      return;
    }
    if (trouble?.kind === 'flip' && body.length > 0) body[body.length >> 1]! ^= 1;
    const sent = trouble?.kind === 'longer' ? Buffer.concat([body, body]) : body;
    const length = asked.method === 'HEAD' ? {} : { 'content-length': String(sent.length) };
    answer.writeHead(status, { ...reply.headers, ...length });
    answer.end(sent);
  }
}
