// SPDX-License-Identifier: BSD-3-Clause
import { connect } from 'node:net';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ERROR_CODES, UnicoreError, type ErrorCode } from '../../../src/errors/index.js';
import { INTERNAL_PHRASE } from './fakes.js';
import { startFixture, TOKENS, type Fixture } from './fixture.js';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => fixture.server.close(1000));

const HELLO = { app: 'helloworld', target: 'linuxu-x86_64' };
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('tokens and roles', () => {
  test('only liveness and the description of the API need no token', async () => {
    expect((await request(fixture.url).get('/healthz')).body).toEqual({ status: 'ok' });
    expect((await request(fixture.url).get('/openapi.json')).status).toBe(200);
    for (const path of ['/metrics', '/readyz', '/v1/instances', '/v1/nothing', '/docs-not']) {
      const answer = await request(fixture.url).get(path);
      expect(answer.status, path).toBe(401);
      expect(answer.headers['www-authenticate']).toContain('Bearer');
    }
  });

  test('a role allows what it should', async () => {
    const asViewer = await request(fixture.url)
      .post('/v1/instances')
      .set(bearer(TOKENS.viewer))
      .send(HELLO);
    expect(asViewer.body).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    const asAdmin = await request(fixture.url)
      .post('/v1/instances')
      .set(bearer(TOKENS.admin))
      .send(HELLO);
    expect(asAdmin.status).toBe(201);
  });

  test('many failures are told to wait; a valid token is not held up', async () => {
    const other = await startFixture();
    try {
      let last = { status: 0, headers: {} as Record<string, unknown> };
      for (let i = 0; i < 25; i++) {
        last = await request(other.url)
          .get('/v1/apps')
          .set(bearer(`guess-${i}`));
      }
      expect(last.status).toBe(429);
      expect(Number(last.headers['retry-after'])).toBeGreaterThan(0);
      const valid = await request(other.url).get('/v1/apps').set(bearer(TOKENS.viewer));
      expect(valid.status).toBe(200);
    } finally {
      await other.server.close(1000);
    }
  });
});

describe('DNS rebinding', () => {
  test.each([
    ['evil.example', 403],
    ['localhost:7070', 200],
    ['[::1]:7070', 200],
    ['192.0.2.7', 200],
    ['unicore.example', 200],
    ['unicore.example.evil.example', 403],
    ['evil.example@localhost', 403],
  ])('Host: %s gives %d', async (host, status) => {
    const answer = await request(fixture.url)
      .get('/v1/apps')
      .set({ ...bearer(TOKENS.viewer), host });
    expect(answer.status).toBe(status);
  });
});

test('answers carry security headers and no CORS', async () => {
  const answer = await request(fixture.url)
    .get('/v1/apps')
    .set({ ...bearer(TOKENS.viewer), origin: 'https://evil.example' });
  expect(answer.headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    'content-security-policy': expect.stringContaining("default-src 'none'") as string,
  });
  expect(answer.headers['access-control-allow-origin']).toBeUndefined();
});

describe('large bodies', () => {
  test('2 GiB announced is refused before it is sent', async () => {
    const socket = connect(fixture.port, '127.0.0.1');
    socket.write(
      `POST /v1/instances HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKENS.operator}\r\n` +
        'Content-Type: application/json\r\nContent-Length: 2147483648\r\n\r\n{',
    );
    const [head] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    expect(head.toString()).toContain('413 Payload Too Large');
    expect(head.toString()).toContain('"code":"BODY_TOO_LARGE"');
  });

  test('more than 1 MiB without a length is refused by counting', async () => {
    const outgoing = httpRequest({
      port: fixture.port,
      method: 'POST',
      path: '/v1/instances',
      headers: { ...bearer(TOKENS.operator), 'content-type': 'application/json' },
    });
    outgoing.on('error', () => undefined);
    const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>;
    for (let i = 0; i < 24; i++) outgoing.write(' '.repeat(65_536));
    outgoing.end();
    const [response] = await answered;
    expect(response.statusCode).toBe(413);
    outgoing.destroy();
  });

  test('an image that is announced as too large is refused', async () => {
    const socket = connect(fixture.port, '127.0.0.1');
    socket.write(
      `POST /v1/images HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKENS.operator}\r\n` +
        'Content-Type: application/octet-stream\r\nContent-Length: 2147483648\r\n\r\n',
    );
    const [head] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    expect(head.toString()).toContain(' 413 ');
  });
});

describe('errors', () => {
  test('each code has a status and says what it is', async () => {
    for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
      fixture.instances.failure = new UnicoreError(code, 'What happened, and what to do.', {
        retryAfterSeconds: 3,
        cause: new Error(INTERNAL_PHRASE),
      });
      const answer = await request(fixture.url)
        .post('/v1/instances')
        .set(bearer(TOKENS.operator))
        .send(HELLO);
      expect(answer.status, code).toBeGreaterThanOrEqual(400);
      expect(answer.text).not.toContain(INTERNAL_PHRASE);
      expect(answer.headers['retry-after']).toBe('3');
      expect(answer.body).toMatchObject({ code });
    }
    fixture.instances.failure = null;
  });

  test('an error that was not foreseen is a 500 that leaks nothing; the log has it', async () => {
    fixture.instances.failure = new Error(INTERNAL_PHRASE);
    const answer = await request(fixture.url)
      .post('/v1/instances')
      .set(bearer(TOKENS.operator))
      .set('X-Request-Id', 'my-request-0001')
      .send(HELLO);
    fixture.instances.failure = null;
    expect(answer.body).toMatchObject({
      status: 500,
      code: 'INTERNAL',
      requestId: 'my-request-0001',
    });
    expect(answer.text).not.toContain(INTERNAL_PHRASE);
    const line = fixture
      .log()
      .split('\n')
      .find((each) => each.includes('my-request-0001') && each.includes(INTERNAL_PHRASE));
    expect(line).toContain('"requestId":"my-request-0001"');
    expect(line).toContain('"level":50');
  });

  test('a request id that cannot stand in a log is replaced', async () => {
    const answer = await request(fixture.url).get('/healthz').set('X-Request-Id', 'a b"c');
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });
});

test('no secret comes into the log', async () => {
  await request(fixture.url).get('/v1/apps?token=query-secret').set(bearer(TOKENS.admin));
  await request(fixture.url).get('/v1/apps').set(bearer('wrong-secret-token'));
  fixture.logger.info({
    token: 'secret-one',
    headers: { authorization: 'secret-two', 'sec-websocket-protocol': 'secret-three' },
    a: { b: { password: 'secret-four' } },
  });
  const log = fixture.log();
  expect(log).toContain('[redacted]');
  for (const secret of [...Object.values(TOKENS), 'query-secret', 'wrong-secret-token']) {
    expect(log).not.toContain(secret);
  }
  expect(log).not.toMatch(/secret-(one|two|three|four)/);
});

describe('Idempotency-Key', () => {
  const create = (key: string, body: object) =>
    request(fixture.url)
      .post('/v1/instances')
      .set(bearer(TOKENS.operator))
      .set('Idempotency-Key', key)
      .send(body);

  test('the same key and body give the same answer, also at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => create('key-1', HELLO)));
    const ids = new Set(answers.map((answer) => (answer.body as { id: string }).id));
    expect(ids.size).toBe(1);
    const again = await create('key-1', HELLO);
    expect(ids.has((again.body as { id: string }).id)).toBe(true);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(again.status).toBe(201);
    expect(again.headers.location).toBe(answers[0]!.headers.location);
  });

  test('another body is a conflict; a failure may be tried again', async () => {
    await create('key-2', HELLO);
    const other = await create('key-2', { ...HELLO, vcpus: 2 });
    expect(other.body).toMatchObject({ status: 409, code: 'IDEMPOTENCY_KEY_REUSED' });
    fixture.instances.failure = new UnicoreError('NO_CAPACITY', 'The host is full.');
    expect((await create('key-3', HELLO)).status).toBe(507);
    fixture.instances.failure = null;
    expect((await create('key-3', HELLO)).status).toBe(201);
  });

  test('names what is made, so that it is found if the answer was never kept', async () => {
    fixture.instances.failure = new UnicoreError('NO_CAPACITY', 'The host is full.');
    for (const key of ['key-4', 'key-4', 'key-5']) await create(key, HELLO);
    fixture.instances.failure = null;
    const [first, again, other] = fixture.instances.requests.slice(-3);
    expect(first?.requestId).toMatch(/^[0-9a-f]{64}$/);
    expect(again?.requestId).toBe(first?.requestId);
    expect(other?.requestId).not.toBe(first?.requestId);
  });
});

test('the Unix socket is for its owner only, and serves the same', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'unicore-'));
  const path = join(directory, 'unicored.sock');
  const other = await startFixture();
  try {
    await writeFile(path, 'left over');
    await other.server.listenOnSocket(path);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const outgoing = httpRequest({
      socketPath: path,
      path: '/v1/version',
      headers: bearer(TOKENS.viewer),
    });
    outgoing.end();
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(200);
    response.resume();
    await once(response, 'end');
  } finally {
    await other.server.close(1000);
    await rm(directory, { recursive: true });
  }
});
