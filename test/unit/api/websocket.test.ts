// SPDX-License-Identifier: BSD-3-Clause
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConsoleReading } from '../../../src/orchestrator/drivers/driver.js';
import { refusedUpgrade, startFixture, TestSocket, TOKENS, type Fixture } from './fixture.js';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => fixture.server.close(1000));

const spec = (labels: Record<string, string> = {}) => ({
  source: { app: 'helloworld', target: 'linuxu-x86_64', symbols: {} } as const,
  labels,
});
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('upgrades', () => {
  test.each([
    ['no token', '/v1/events', {}, 401, 'UNAUTHENTICATED'],
    ['a wrong token', '/v1/events', bearer('wrong'), 401, 'UNAUTHENTICATED'],
    [
      'a foreign origin',
      '/v1/events',
      { ...bearer(TOKENS.viewer), origin: 'https://evil.example' },
      403,
      'ORIGIN_REFUSED',
    ],
    [
      'a foreign host',
      '/v1/events',
      { ...bearer(TOKENS.viewer), host: 'evil.example' },
      403,
      'HOST_REFUSED',
    ],
    ['another path', '/v1/nothing', bearer(TOKENS.viewer), 404, 'ROUTE_NOT_FOUND'],
    [
      'an unknown instance',
      `/v1/instances/${randomUUID()}/console`,
      bearer(TOKENS.viewer),
      404,
      'UNKNOWN_INSTANCE',
    ],
    ['a strange id', '/v1/instances/..%2f/console', bearer(TOKENS.viewer), 422, 'INVALID_REQUEST'],
  ])('%s is refused over HTTP', async (_name, path, headers, status, code) => {
    const answer = await refusedUpgrade(fixture, path, headers);
    expect(answer.status).toBe(status);
    expect(answer.problem.code).toBe(code);
  });

  test('a browser offers its token as a subprotocol, which is not sent back', async () => {
    const url = `ws://127.0.0.1:${fixture.port}/v1/events`;
    const socket = new WebSocket(url, ['unicore.v1', `bearer.${TOKENS.viewer}`]);
    await once(socket, 'open');
    expect(socket.protocol).toBe('unicore.v1');
    socket.terminate();
    const refused = await refusedUpgrade(fixture, '/v1/events', {}, ['unicore.v1', 'bearer.wrong']);
    expect(refused.status).toBe(401);
  });

  test('origins of the daemon itself and of the list are let in', async () => {
    for (const origin of [fixture.url, 'https://dashboard.example']) {
      const client = await TestSocket.open(fixture, '/v1/events', { origin });
      client.socket.close();
      await client.closed;
    }
  });
});

describe('events', () => {
  test('a subscription gets a snapshot, then deltas; a selector keeps others out', async () => {
    const web = await fixture.instances.create(spec({ app: 'web' }));
    await fixture.instances.create(spec({ app: 'db' }));
    const client = await TestSocket.open(fixture, '/v1/events');
    client.send({ id: 1, op: 'subscribe', kinds: ['instance'], selector: 'app=web' });
    expect(await client.nextJson()).toEqual({ id: 1, ok: true });
    const snapshot = await client.nextJson();
    expect(snapshot).toMatchObject({
      op: 'snapshot',
      id: 1,
      kind: 'instance',
      seq: fixture.events.lastSeq,
      items: [{ id: web.id }],
      last: true,
    });
    await fixture.instances.create(spec({ app: 'db' }));
    await fixture.instances.pause(web.id);
    expect(await client.nextJson()).toMatchObject({
      type: 'instance.phase',
      resource: { kind: 'instance', id: web.id },
      data: { phase: 'paused' },
    });
    await fixture.instances.delete(web.id);
    expect(await client.nextJson()).toMatchObject({ type: 'instance.deleted' });
    client.socket.close();
  });

  test('resumes from a seq without a snapshot; from one too old with one', async () => {
    const since = fixture.events.lastSeq;
    const first = await fixture.instances.create(spec());
    await fixture.instances.create(spec());
    const client = await TestSocket.open(fixture, '/v1/events');
    client.send({ id: 7, op: 'subscribe', kinds: ['instance'], since });
    expect(await client.nextJson()).toEqual({ id: 7, ok: true });
    expect(await client.nextJson()).toMatchObject({ seq: since + 1, resource: { id: first.id } });
    expect(await client.nextJson()).toMatchObject({ seq: since + 2 });
    fixture.events.expired = since + 1;
    client.send({ id: 8, op: 'subscribe', kinds: ['host'], since });
    expect(await client.nextJson()).toEqual({ id: 8, ok: true });
    expect(await client.nextJson()).toMatchObject({ op: 'snapshot', kind: 'host', last: true });
    fixture.events.expired = 0;
    client.send({ id: 9, op: 'subscribe', kinds: ['host'], since: 1_000_000 });
    expect(await client.nextJson()).toEqual({ id: 9, ok: true });
    expect(await client.nextJson()).toMatchObject({ op: 'snapshot' });
    client.socket.close();
  });

  test('bad messages are answered, and the connection goes on', async () => {
    const client = await TestSocket.open(fixture, '/v1/events');
    client.send('{"id":');
    expect(await client.nextJson()).toMatchObject({ id: null, error: { code: 'MALFORMED_JSON' } });
    client.send({ id: 3, op: 'explode' });
    expect(await client.nextJson()).toMatchObject({ id: 3, error: { code: 'INVALID_REQUEST' } });
    client.send({ id: 4, op: 'subscribe', kinds: ['instance'], selector: 'a==b==c' });
    expect(await client.nextJson()).toMatchObject({
      id: 4,
      error: { errors: [{ path: 'selector' }] },
    });
    client.send({ id: 5, op: 'unsubscribe', subscription: 99 });
    expect(await client.nextJson()).toMatchObject({ id: 5, ok: false });
    for (let id = 10; id < 26; id++) {
      client.send({ id, op: 'subscribe', kinds: ['build'], since: fixture.events.lastSeq });
      expect(await client.nextJson()).toEqual({ id, ok: true });
    }
    client.send({ id: 26, op: 'subscribe', kinds: ['build'] });
    expect(await client.nextJson()).toMatchObject({ id: 26, error: { code: 'TOO_MANY_REQUESTS' } });
    client.send({ id: 27, op: 'unsubscribe', subscription: 10 });
    expect(await client.nextJson()).toEqual({ id: 27, ok: true });
    client.socket.close();
  });

  test('a message that is too long ends the connection', async () => {
    const client = await TestSocket.open(fixture, '/v1/events');
    client.send('x'.repeat(100_000));
    expect((await client.closed).code).toBe(1009);
  });

  test('an event that fits several subscriptions is sent once', async () => {
    const client = await TestSocket.open(fixture, '/v1/events');
    for (const id of [1, 2]) {
      client.send({ id, op: 'subscribe', kinds: ['build'], since: fixture.events.lastSeq });
      await client.nextJson();
    }
    const append = (id: string) => {
      fixture.events.append({ type: 'build.phase', resource: { kind: 'build', id }, data: {} });
    };
    append('one');
    append('two');
    expect(await client.nextJson()).toMatchObject({ resource: { id: 'one' } });
    expect(await client.nextJson()).toMatchObject({ resource: { id: 'two' } });
    client.socket.close();
  });

  test('a client that does not read is closed with 1013 and can resume', async () => {
    const tight = await startFixture({ webSocketByteBudget: 64 * 1024 });
    try {
      const client = await TestSocket.open(tight, '/v1/events');
      client.send({ id: 1, op: 'subscribe', kinds: ['build'], since: 0 });
      await client.nextJson();
      client.socket.pause();
      const text = 'x'.repeat(32 * 1024);
      // More than what both kernels' socket buffers take.
      for (let i = 0; i < 1000; i++) {
        tight.events.append({
          type: 'build.log',
          resource: { kind: 'build', id: String(i) },
          data: { text },
        });
      }
      client.socket.resume();
      expect((await client.closed).code).toBe(1013);
      const again = await TestSocket.open(tight, '/v1/events');
      again.send({ id: 1, op: 'subscribe', kinds: ['build'], since: 990 });
      expect(await again.nextJson()).toEqual({ id: 1, ok: true });
      for (let seq = 991; seq <= 1000; seq++) expect(await again.nextJson()).toMatchObject({ seq });
      again.socket.close();
    } finally {
      await tight.server.close(1000);
    }
  });
});

describe('console', () => {
  test('gives the output, takes input, and closes when the guest has ended', async () => {
    const { id } = await fixture.instances.create(spec());
    const client = await TestSocket.open(fixture, `/v1/instances/${id}/console?from=0`);
    expect(((await client.next()) as Buffer).toString()).toBe('Hello from Unicore\n');
    expect(await client.closed).toEqual({ code: 1000, reason: 'the guest has ended' });
  });

  test('input needs the operator role', async () => {
    const { id } = await fixture.instances.create(spec());
    fixture.instances.readConsole = async function* (
      _id?: string,
      _from?: number,
      reading?: ConsoleReading,
    ) {
      await new Promise((resolve) => reading?.signal?.addEventListener('abort', resolve));
      yield* [];
    };
    const operator = await TestSocket.open(fixture, `/v1/instances/${id}/console`);
    operator.send('typed');
    await expect.poll(() => fixture.instances.written).toEqual(['typed']);
    operator.socket.close();
    const viewer = await TestSocket.open(fixture, `/v1/instances/${id}/console`, {
      headers: bearer(TOKENS.viewer),
    });
    viewer.send('not allowed');
    expect(await viewer.closed).toMatchObject({ code: 1008 });
    expect(fixture.instances.written).toEqual(['typed']);
  });
});

test("a build's log comes in order and ends with the build's phase", async () => {
  const { id } = await fixture.builder.submit({ app: 'helloworld', targets: [], symbols: {} });
  const client = await TestSocket.open(fixture, `/v1/builds/${id}/log`);
  expect(await client.nextJson()).toEqual({ offset: 0, text: 'CC main.c\n' });
  expect(await client.nextJson()).toEqual({ offset: 10, text: 'LD helloworld\n' });
  expect(await client.closed).toEqual({ code: 1000, reason: 'running' });
});

test('a daemon that stops closes its WebSockets with 1001', async () => {
  const other = await startFixture();
  const client = await TestSocket.open(other, '/v1/events');
  await other.server.close(2000);
  expect((await client.closed).code).toBe(1001);
});
