// SPDX-License-Identifier: BSD-3-Clause
import request from 'supertest';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RateLimiter } from '../../../src/api/auth/rate-limiter.js';
import {
  tokenDigest,
  TokenRegistry,
  type TokenRecord,
} from '../../../src/api/auth/token-registry.js';
import { startFixture, TOKENS, type Fixture } from './fixture.js';

let fixture: Fixture;
let stored: readonly TokenRecord[] = [];
beforeEach(async () => {
  stored = [];
  fixture = await startFixture({
    tokenStore: {
      load: () => Promise.resolve(stored),
      save: (records) => {
        stored = records;
        return Promise.resolve();
      },
    },
  });
});
afterEach(() => fixture.server.close(1000));

const HELLO = { app: 'helloworld', target: 'linuxu-x86_64' };
const call = (method: 'get' | 'post' | 'delete', path: string, token: string = TOKENS.admin) =>
  request(fixture.url)[method](path).auth(token, { type: 'bearer' });

async function make(fields: object): Promise<string> {
  const answer = await call('post', '/v1/tokens').send({ role: 'operator', ...fields });
  expect(answer.status, answer.text).toBe(201);
  return (answer.body as { token: string }).token;
}

describe('tokens', () => {
  test('are made, listed without their text, and revoked', async () => {
    const token = await make({ name: 'ci', quota: { instances: 3 } });
    expect((await call('post', '/v1/instances', token).send(HELLO)).body).toMatchObject({
      owner: 'ci',
    });
    const list = await call('get', '/v1/tokens');
    expect(list.body).toMatchObject({
      items: [
        { name: 'test-admin', origin: 'configuration' },
        { name: 'test-operator' },
        { name: 'test-viewer' },
        { name: 'ci', origin: 'api', quota: { instances: 3 }, usage: { instances: 1 } },
      ],
    });
    expect(list.text).not.toContain(token);
    expect(list.text).not.toContain(tokenDigest(token));
    expect(JSON.stringify(stored)).not.toContain(token);
    expect(fixture.log()).not.toContain(token);
    expect((await call('delete', '/v1/tokens/ci')).status).toBe(204);
    expect((await call('get', '/v1/instances', token)).status).toBe(401);
    expect((await call('delete', '/v1/tokens/ci')).body).toMatchObject({ code: 'UNKNOWN_TOKEN' });
  });

  test('are for admins, have names of their own, and those of the configuration stay', async () => {
    for (const token of [TOKENS.operator, TOKENS.viewer]) {
      expect((await call('get', '/v1/tokens', token)).status).toBe(403);
      const asked = { name: 'mine', role: 'admin' };
      expect((await call('post', '/v1/tokens', token).send(asked)).status).toBe(403);
      expect((await call('delete', '/v1/tokens/test-admin', token)).status).toBe(403);
    }
    await make({ name: 'ci' });
    const again = await call('post', '/v1/tokens').send({ name: 'ci', role: 'viewer' });
    expect(again.body).toMatchObject({ status: 409, code: 'TOKEN_NAME_TAKEN' });
    expect((await call('delete', '/v1/tokens/test-viewer')).status).toBe(403);
  });

  test('are not kept among the answers to idempotent requests', async () => {
    const ask = () =>
      call('post', '/v1/tokens')
        .set('Idempotency-Key', 'once')
        .send({ name: 'ci', role: 'viewer' });
    expect((await ask()).status).toBe(201);
    expect((await ask()).status).toBe(409);
  });

  test('end when they expire, and live on in the store', async () => {
    let now = Date.parse('2030-01-01T00:00:00Z');
    const store = {
      load: () => Promise.resolve(stored),
      save: (records: readonly TokenRecord[]) => {
        stored = records;
        return Promise.resolve();
      },
    };
    const registry = await TokenRegistry.open([], store, () => now);
    const expiresAt = '2030-01-02T00:00:00.000Z';
    const token = await registry.create({ name: 'guest', role: 'viewer', expiresAt });
    const reopened = await TokenRegistry.open([], store, () => now);
    expect(reopened.find(token)).toMatchObject({ name: 'guest', role: 'viewer' });
    now = Date.parse(expiresAt);
    expect(reopened.find(token)).toBe(null);
  });
});

describe('rates', () => {
  test('a bucket fills at its pace, up to the burst', () => {
    let now = 0;
    const limiter = new RateLimiter(() => now);
    const rate = { perSecond: 2, burst: 3 };
    expect([1, 2, 3].map(() => limiter.take('a', rate))).toEqual([null, null, null]);
    expect(limiter.take('a', rate)).toBe(0.5);
    expect(limiter.take('b', rate)).toBe(null);
    now = 500;
    expect(limiter.take('a', rate)).toBe(null);
    now = 60_000;
    expect([1, 2, 3, 4].map(() => limiter.take('a', rate))).toEqual([null, null, null, 0.5]);
  });

  test('one request too many is told to come back, and others are not held up', async () => {
    const token = await make({ name: 'fast', rate: { perSecond: 0.01, burst: 2 } });
    expect((await call('get', '/v1/instances', token)).status).toBe(200);
    expect((await call('get', '/v1/instances', token)).status).toBe(200);
    const third = await call('get', '/v1/instances', token);
    expect(third.body).toMatchObject({ status: 429, code: 'TOO_MANY_REQUESTS' });
    expect(Number(third.headers['retry-after'])).toBeGreaterThan(50);
    expect((await call('get', '/v1/instances')).status).toBe(200);
  });
});

test('builds under way count against the quota until they end', async () => {
  const token = await make({ name: 'builder', quota: { builds: 1 } });
  const body = { app: 'helloworld', targets: ['kvm-x86_64'] };
  const first = await call('post', '/v1/builds', token).send(body);
  expect(first.status).toBe(202);
  expect((await call('post', '/v1/builds', token).send(body)).body).toMatchObject({
    status: 409,
    code: 'QUOTA_EXCEEDED',
  });
  expect((await call('post', '/v1/builds').send(body)).status).toBe(202);
  const { id } = first.body as { id: string };
  await call('delete', `/v1/builds/${id}`, token);
  expect((await call('post', '/v1/builds', token).send(body)).status).toBe(202);
});
