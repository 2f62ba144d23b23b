// SPDX-License-Identifier: BSD-3-Clause
import request from 'supertest';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { OperationDocument } from '../../../src/wire/index.js';
import { startFixture, TOKENS, type Fixture } from './fixture.js';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => fixture.server.close(1000));
beforeEach(() => fixture.instances.instances.clear());

const get = (path: string) =>
  request(fixture.url).get(path).auth(TOKENS.viewer, { type: 'bearer' });
const post = (path: string) =>
  request(fixture.url).post(path).auth(TOKENS.operator, { type: 'bearer' });
const HELLO = { app: 'helloworld', target: 'linuxu-x86_64' };

describe('an operation of ten thousand', () => {
  let id = '';
  beforeAll(async () => {
    const answer = await post('/v1/instances').send({ ...HELLO, count: 10_000, name: 'web-{n}' });
    expect(answer.status).toBe(202);
    const operation = answer.body as OperationDocument;
    expect([operation.items.length, operation.next]).toEqual([1_000, '1000']);
    id = operation.id;
  });

  test('shows its items by the page', async () => {
    const names: string[] = [];
    for (let cursor: string | null = '0'; cursor !== null;) {
      const path = `/v1/operations/${id}?items=3000&cursor=${cursor}`;
      const page: OperationDocument = (await get(path)).body as OperationDocument;
      names.push(...page.items.map(({ name }) => name));
      cursor = page.next;
    }
    expect(names).toEqual(Array.from({ length: 10_000 }, (_, index) => `web-${index + 1}`));
  });

  test('shows all of them, none, or those that failed, if asked', async () => {
    const show = async (query: string) =>
      (await get(`/v1/operations/${id}?${query}`)).body as OperationDocument;
    expect((await show('items=10000')).items).toHaveLength(10_000);
    expect(await show('items=0')).toMatchObject({ items: [], next: '0', total: 10_000 });
    const failed = await show('failed=true&items=2');
    expect(failed.items.map(({ name }) => name)).toEqual(['web-3', 'web-6']);
    const rest = await show(`failed=true&items=10000&cursor=${failed.next}`);
    expect([rest.items.length, rest.next]).toEqual([3_331, null]);
    expect((await get(`/v1/operations/${id}?items=10001`)).status).toBe(422);
  });
});

test.each([
  { name: 'web-{n}' },
  { name: 'web-{n', count: 2 },
  { name: '{n}{n}', count: 2 },
  { allOrNothing: true },
  { count: 10_001 },
])('refuses to create with %j', async (fields) => {
  expect((await post('/v1/instances').send({ ...HELLO, ...fields })).body).toMatchObject({
    status: 422,
    code: 'INVALID_REQUEST',
  });
});

describe('changes by selector', () => {
  const fill = async () => {
    for (const app of ['web', 'web', 'api']) {
      await post('/v1/instances').send({ ...HELLO, labels: { app } });
    }
  };

  test('answer with an operation, and the same key does it once', async () => {
    await fill();
    const remove = () =>
      post('/v1/instances:delete').set('Idempotency-Key', 'away').send({ selector: 'app=web' });
    const first = await remove();
    expect(first.status).toBe(202);
    expect(first.body).toMatchObject({ kind: 'instances.delete', total: 2 });
    const { id } = first.body as OperationDocument;
    expect(first.headers.location).toBe(`/v1/operations/${id}`);
    await fill();
    expect((await remove()).body).toMatchObject({ id });
    expect(fixture.instances.instances.size).toBe(4);
  });

  test('may be a DELETE with the selector in the query', async () => {
    await fill();
    const answer = await request(fixture.url)
      .delete('/v1/instances?selector=app%3Dweb')
      .auth(TOKENS.operator, { type: 'bearer' });
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({ total: 2 });
    expect(fixture.instances.instances.size).toBe(1);
  });

  test('give guests time to end if a deletion says so, in the body or in the query', async () => {
    await fill();
    await post('/v1/instances:delete').send({ selector: 'app=web', grace: 9 });
    await request(fixture.url)
      .delete('/v1/instances?selector=app%3Dapi&grace=4')
      .auth(TOKENS.operator, { type: 'bearer' });
    expect(fixture.instances.graces.slice(-3)).toEqual([9, 9, 4]);
    const refused = await post('/v1/instances:delete').send({ all: true, grace: -1 });
    expect(refused.status).toBe(422);
    const paused = await post('/v1/instances:pause').send({ all: true, grace: 1 });
    expect(paused.status).toBe(422);
  });

  test.each(['pause', 'resume', 'restart'])('%s', async (action) => {
    await fill();
    const answer = await post(`/v1/instances:${action}`).send({ all: true });
    expect(answer.body).toMatchObject({ kind: `instances.${action}`, total: 3 });
  });

  test('need a selector, or to be told that all are meant', async () => {
    await fill();
    for (const body of [{}, { selector: '' }, { all: false }, { all: true, selector: 'app=web' }]) {
      const answer = await post('/v1/instances:delete').send(body);
      expect([answer.status, JSON.stringify(body)]).toEqual([422, JSON.stringify(body)]);
    }
    const del = (path: string) =>
      request(fixture.url).delete(path).auth(TOKENS.operator, { type: 'bearer' });
    expect((await del('/v1/instances')).status).toBe(422);
    expect((await del('/v1/instances?selector=')).status).toBe(422);
    expect(fixture.instances.instances.size).toBe(3);
  });

  test('need more than the right to look', async () => {
    const answer = await request(fixture.url)
      .post('/v1/instances:delete')
      .auth(TOKENS.viewer, { type: 'bearer' })
      .send({ all: true });
    expect(answer.status).toBe(403);
  });
});
