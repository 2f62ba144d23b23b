// SPDX-License-Identifier: BSD-3-Clause
import request from 'supertest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { problemSchema, warmPoolPageSchema, warmPoolSchema } from '../../../src/wire/index.js';
import { startFixture, TOKENS, type Fixture } from './fixture.js';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => fixture.server.close(1000));

const call = (method: 'get' | 'put' | 'delete', name = '', token: string = TOKENS.operator) =>
  request(fixture.url)[method](`/v1/warm-pools${name}`).auth(token, { type: 'bearer' });
const HELLO = { app: 'helloworld', target: 'linuxu-x86_64' };

test('a pool is made, shown, listed and deleted', async () => {
  const made = await call('put', '/web').send({ ...HELLO, size: 4 });
  expect(made.status).toBe(200);
  expect(warmPoolSchema.parse(made.body)).toMatchObject({ name: 'web', ...HELLO, min: 4, max: 4 });
  const bounds = await call('put', '/web').send({ ...HELLO, min: 1, max: 9, memory: 2 ** 23 });
  expect(bounds.body).toMatchObject({ min: 1, max: 9, memory: 2 ** 23, hits: 3, misses: 1 });
  expect((await call('get', '/web', TOKENS.viewer)).body).toEqual(bounds.body);
  const { items } = warmPoolPageSchema.parse((await call('get')).body);
  expect(items).toEqual([bounds.body]);
  expect((await call('delete', '/web')).status).toBe(204);
  const gone = await call('get', '/web');
  expect(problemSchema.parse(gone.body)).toMatchObject({ status: 404, code: 'UNKNOWN_WARM_POOL' });
});

test.each([
  ['no size', HELLO],
  ['two sizes', { ...HELLO, size: 1, max: 2 }],
  ['a size that is too large', { ...HELLO, size: 1_001 }],
  ['no target', { app: 'helloworld', size: 1 }],
  ['neither image nor app', { size: 1 }],
  ['an unknown field', { ...HELLO, size: 1, count: 2 }],
])('%s is refused by the field', async (_what, body) => {
  const answer = await call('put', '/web').send(body);
  expect(answer.status).toBe(422);
  expect(problemSchema.parse(answer.body).code).toBe('INVALID_REQUEST');
});

test('names that are none, and viewers, change nothing', async () => {
  expect((await call('put', '/..%2fx').send({ ...HELLO, size: 1 })).status).toBe(422);
  const viewer = await call('put', '/web', TOKENS.viewer).send({ ...HELLO, size: 1 });
  expect(viewer.status).toBe(403);
});
