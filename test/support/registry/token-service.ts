// SPDX-License-Identifier: BSD-3-Clause
import { createPrivateKey, randomUUID, sign, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { CertifiedKey } from './certificates.js';

const ISSUER = 'token service of the tests';
const SERVICE = 'registry of the tests';

/** Gives tokens that docker-registry takes ("Docker Registry v2 authentication via central service") to whoever has the credentials. */
export class TokenService {
  readonly host: string;
  /** What was granted, as in `repository:team/hello:pull`. */
  readonly granted: string[] = [];
  readonly #server: Server;
  readonly #authority: CertifiedKey;

  private constructor(server: Server, authority: CertifiedKey, basic: string) {
    this.#server = server;
    this.#authority = authority;
    this.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (asked, answer) => {
      const scope = new URL(asked.url ?? '/', 'https://x').searchParams.get('scope') ?? '';
      const good = asked.headers.authorization === basic;
      if (good) this.granted.push(scope);
      answer.writeHead(good ? 200 : 401, { 'content-type': 'application/json' });
      answer.end(good ? JSON.stringify({ token: this.#token(scope) }) : '{}');
    });
  }

  /** `tls` is its own certificate; `authority` signs the tokens. */
  static async start(
    tls: CertifiedKey,
    authority: CertifiedKey,
    credentials: { readonly username: string; readonly password: string },
  ): Promise<TokenService> {
    const [cert, key] = [readFileSync(tls.certificate), readFileSync(tls.key)];
    const server = createServer({ cert, key }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const text = `${credentials.username}:${credentials.password}`;
    return new TokenService(server, authority, `Basic ${Buffer.from(text).toString('base64')}`);
  }

  /** What the registry's configuration says of it. */
  get settings(): object {
    const realm = `https://${this.host}/token`;
    const rootcertbundle = this.#authority.certificate;
    return { token: { realm, service: SERVICE, issuer: ISSUER, rootcertbundle } };
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** A JSON Web Token (RFC 7519), ES256, with the certificate that verifies it. */
  #token(scope: string): string {
    const [type, name, actions = ''] = scope.split(':');
    const now = Math.floor(Date.now() / 1000);
    const { raw } = new X509Certificate(readFileSync(this.#authority.certificate));
    const header = { typ: 'JWT', alg: 'ES256', x5c: [raw.toString('base64')] };
    const claims = {
      ...{ iss: ISSUER, sub: 'tester', aud: SERVICE, jti: randomUUID() },
      ...{ iat: now, nbf: now - 60, exp: now + 300 },
      access: [{ type, name, actions: actions.split(',') }],
    };
    const text = [header, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    const key = createPrivateKey(readFileSync(this.#authority.key));
    const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' });
    return `${text}.${signature.toString('base64url')}`;
  }
}
