// SPDX-License-Identifier: BSD-3-Clause
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { instanceSchema, problemSchema } from '../../../src/wire/index.js';
import { startFixture, TOKENS, type Fixture } from './fixture.js';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => fixture.server.close(1000));

const get = (path: string) =>
  request(fixture.url).get(path).auth(TOKENS.viewer, { type: 'bearer' });
const post = (path: string) =>
  request(fixture.url).post(path).auth(TOKENS.operator, { type: 'bearer' });
const del = (path: string) =>
  request(fixture.url).delete(path).auth(TOKENS.operator, { type: 'bearer' });
const HELLO = { app: 'helloworld', target: 'linuxu-x86_64' };
const UNKNOWN_ID = '7b0c3a52-51c2-4b5e-8a52-0d8bb9a0a111';

describe('catalogue and configurations', () => {
  test('lists and shows libraries and applications', async () => {
    expect((await get('/v1/libraries')).body).toMatchObject({
      items: [{ name: 'alloc_buddy' }],
      next: null,
    });
    expect((await get('/v1/apps/helloworld')).body).toMatchObject({ name: 'helloworld' });
    expect((await get('/v1/apps/nothing')).status).toBe(404);
    expect((await get('/v1/libraries/..%2f..%2fetc')).body).toMatchObject({
      status: 422,
      code: 'INVALID_REQUEST',
    });
  });

  test('resolves a configuration for several targets', async () => {
    const answer = await post('/v1/configurations:resolve').send({
      app: 'helloworld',
      targets: ['kvm-x86_64', 'linuxu-x86_64'],
      symbols: { LIBALLOC_BUDDY: 'y' },
    });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      config: 'CONFIG_FOR="kvm-x86_64"\n',
      libraries: ['alloc_buddy', 'plat_kvm', 'plat_linuxu'],
      warnings: [],
    });
  });
});

describe('builds', () => {
  test('accepts, shows, lists, logs and cancels', async () => {
    const accepted = await post('/v1/builds').send({ app: 'helloworld', targets: ['kvm-x86_64'] });
    expect(accepted.status).toBe(202);
    const { id } = accepted.body as { id: string };
    expect(accepted.headers.location).toBe(`/v1/builds/${id}`);
    expect((await get(`/v1/builds/${id}`)).body).toMatchObject({ id, phase: 'running' });
    expect((await get(`/v1/builds/${id}?wait=0.01`)).body).toMatchObject({ id });
    expect((await get('/v1/builds')).body).toMatchObject({ items: [{ id }] });
    const log = await get(`/v1/builds/${id}/log?from=10`);
    expect(log.text).toBe('LD helloworld\n');
    expect(log.headers['unicore-next-offset']).toBe('24');
    expect((await del(`/v1/builds/${id}`)).body).toMatchObject({ phase: 'cancelled' });
  });
});

describe('images:prune', () => {
  test('removes what is not kept, or tells what it would remove', async () => {
    const dry = await post('/v1/images:prune').send({ dryRun: true });
    expect(dry.status).toBe(200);
    expect(dry.body).toMatchObject({ dryRun: true, freedBytes: 4106 });
    expect((await post('/v1/images:prune')).body).toMatchObject({ dryRun: false });
    expect(fixture.collector.asked).toEqual([true, false]);
    expect((await post('/v1/images:prune').send({ dryRun: 1 })).status).toBe(422);
  });
});

describe('sources', () => {
  test('are uploaded as they are, named by their content, and built', async () => {
    const archive = Buffer.from('archive');
    const uploaded = await post('/v1/sources').type('application/zstd').send(archive);
    expect(uploaded.status).toBe(201);
    const { digest } = uploaded.body as { digest: string };
    expect(uploaded.headers.location).toBe(`/v1/sources/${digest}`);
    expect((await get(`/v1/sources/${digest}`)).body).toMatchObject({ digest, app: 'mine' });
    const targets = ['kvm-x86_64'];
    const build = await post('/v1/builds').send({ source: digest, targets });
    expect(build.body).toMatchObject({ source: digest });
    const resolved = await post('/v1/configurations:resolve').send({ source: digest, targets });
    expect(resolved.status).toBe(200);
    expect((await del(`/v1/sources/${digest}`)).status).toBe(204);
    expect((await get(`/v1/sources/${digest}`)).status).toBe(404);
  });

  test('are archives, sent to the one route that takes them', async () => {
    expect((await post('/v1/sources').send({ a: 1 })).status).toBe(415);
    const other = await post('/v1/builds').type('application/gzip').send(Buffer.from('x'));
    expect(other.status).toBe(415);
    const long = Buffer.alloc(17 * 1024 * 1024);
    expect((await post('/v1/sources').type('application/gzip').send(long)).status).toBe(413);
  });

  test('are not named together with an application', async () => {
    const source = `sha256:${'0'.repeat(64)}`;
    const targets = ['kvm-x86_64'];
    expect((await post('/v1/builds').send({ source, app: 'x', targets })).status).toBe(422);
    expect((await post('/v1/builds').send({ targets })).status).toBe(422);
    const instance = await post('/v1/instances').send({ source, app: 'x', target: targets[0] });
    expect(instance.status).toBe(422);
  });
});

describe('images', () => {
  test('takes in an ELF file, shows it, and deletes it when no instance uses it', async () => {
    const elf = Buffer.concat([Buffer.from('\x7fELF', 'latin1'), Buffer.alloc(2_000_000)]);
    const uploaded = await post('/v1/images').type('application/octet-stream').send(elf);
    expect(uploaded.status).toBe(201);
    expect(fixture.images.received).toBe(elf.length);
    const { digest } = uploaded.body as { digest: string };
    expect((await get(`/v1/images/${digest}`)).body).toMatchObject({ digest, bytes: elf.length });

    const instance = await post('/v1/instances').send({ image: digest });
    expect((await del(`/v1/images/${digest}`)).body).toMatchObject({
      status: 409,
      code: 'IMAGE_IN_USE',
    });
    await del(`/v1/instances/${(instance.body as { id: string }).id}`);
    expect((await del(`/v1/images/${digest}`)).status).toBe(204);
    expect((await get(`/v1/images/${digest}`)).status).toBe(404);
  });

  test('refuses what is no unikernel, and bodies of other types', async () => {
    const text = await post('/v1/images')
      .type('application/octet-stream')
      .send(Buffer.from('no elf'));
    expect(text.body).toMatchObject({ status: 422, code: 'NOT_A_UNIKERNEL' });
    expect((await post('/v1/images').send({ a: 1 })).body).toMatchObject({ status: 415 });
    const wrong = await post('/v1/instances')
      .type('application/octet-stream')
      .send(Buffer.from('x'));
    expect(wrong.body).toMatchObject({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' });
  });
});

describe('instances', () => {
  test('creates one, with the promised shape', async () => {
    const answer = await post('/v1/instances').send({
      ...HELLO,
      name: 'web-1',
      labels: { app: 'web' },
    });
    expect(answer.status).toBe(201);
    expect(instanceSchema.parse(answer.body)).toMatchObject({ name: 'web-1', phase: 'running' });
    expect(answer.headers.etag).toBe('"1"');
    const { id } = answer.body as { id: string };
    expect(answer.headers.location).toBe(`/v1/instances/${id}`);
    expect((await get('/v1/instances?selector=app%3Dweb')).body).toMatchObject({ items: [{ id }] });
    expect((await get(`/v1/instances/${id}/console`)).text).toBe('Hello from Unicore\n');
    expect((await get(`/v1/instances/${id}/stats`)).text).toBe('null');
    expect((await post(`/v1/instances/${id}:pause`)).body).toMatchObject({ phase: 'paused' });
    expect((await post(`/v1/instances/${id}:resume`)).body).toMatchObject({ phase: 'running' });
    expect((await post(`/v1/instances/${id}:restart`)).status).toBe(200);
    expect((await del(`/v1/instances/${id}`).set('If-Match', '"7"')).status).toBe(412);
    expect((await del(`/v1/instances/${id}`).set('If-Match', '"1"')).status).toBe(204);
    expect((await get(`/v1/instances/${id}`)).body).toMatchObject({ code: 'UNKNOWN_INSTANCE' });
  });

  test('answers 202 when the wait is over, and 201 with an instance that ended at once', async () => {
    fixture.instances.nextPhase = 'booting';
    expect((await post('/v1/instances?wait=0').send(HELLO)).status).toBe(202);
    expect((await post('/v1/instances?wait=0.02').send(HELLO)).body).toMatchObject({
      phase: 'booting',
    });
    fixture.instances.nextPhase = 'failed';
    expect((await post('/v1/instances').send(HELLO)).status).toBe(201);
    fixture.instances.nextPhase = 'running';
  });

  test('answers count with an operation', async () => {
    const answer = await post('/v1/instances').send({ ...HELLO, count: 1000 });
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({ kind: 'instances.create', total: 1000 });
    const { id } = answer.body as { id: string };
    expect((await get(`/v1/operations/${id}`)).body).toMatchObject({ id });
    expect((await get('/v1/operations')).body).toMatchObject({ items: [{ id }] });
    expect((await del(`/v1/operations/${id}`)).body).toMatchObject({ phase: 'cancelled' });
  });

  test('patches what may be changed, for the generation that was read', async () => {
    const patch = (id: string) =>
      request(fixture.url)
        .patch(`/v1/instances/${id}`)
        .auth(TOKENS.operator, { type: 'bearer' })
        .set('content-type', 'application/merge-patch+json');
    const made = await post('/v1/instances').send({ ...HELLO, labels: { a: '1' }, ttlSeconds: 60 });
    expect(made.body).toMatchObject({ ttlSeconds: 60, restartLimit: null, deadlines: {} });
    const { id } = made.body as { id: string };
    const changed = await patch(id)
      .set('If-Match', made.headers.etag!)
      .send({ labels: { a: null, b: '2' }, ttlSeconds: null, restartPolicy: 'always' });
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({
      labels: { b: '2' },
      ttlSeconds: null,
      restartPolicy: 'always',
    });
    expect(changed.headers.etag).not.toBe(made.headers.etag);
    const late = await patch(id).set('If-Match', made.headers.etag!).send({ ttlSeconds: 5 });
    expect(late.body).toMatchObject({ status: 412, code: 'GENERATION_MISMATCH' });
    for (const body of [{ memory: 1 }, { labels: { '': 'x' } }, { ttlSeconds: -1 }]) {
      expect((await patch(id).send(body)).status).toBe(422);
    }
    expect((await patch(UNKNOWN_ID).send({ ttlSeconds: 5 })).status).toBe(404);
    await del(`/v1/instances/${id}?grace=7`);
    expect(fixture.instances.graces.at(-1)).toBe(7);
  });

  test('hands arguments on as they are, whatever is in them', async () => {
    const args = ['$(reboot)', '`id`', '; rm -rf /', '<a b="c">&amp;</a>', '\'"\\', 'ünï\ncode'];
    const answer = await post('/v1/instances').send({ ...HELLO, args });
    expect(answer.body).toMatchObject({ args });
    expect(fixture.instances.requests.at(-1)?.args).toEqual(args);
  });
});

describe('bad input', () => {
  const cases: readonly [string, string, unknown, number, string, string?][] = [
    ['an unknown app', '/v1/instances', { ...HELLO, app: 'nothing' }, 422, 'UNKNOWN_APP'],
    [
      'a path in the app',
      '/v1/instances',
      { ...HELLO, app: '../../etc' },
      422,
      'INVALID_REQUEST',
      'app',
    ],
    [
      'a target of no shape',
      '/v1/instances',
      { ...HELLO, target: 'x' },
      422,
      'INVALID_REQUEST',
      'target',
    ],
    [
      'an app without a target',
      '/v1/instances',
      { app: 'helloworld' },
      422,
      'INVALID_REQUEST',
      'target',
    ],
    ['nothing to run', '/v1/instances', {}, 422, 'INVALID_REQUEST', 'app'],
    [
      'an unknown field',
      '/v1/instances',
      { ...HELLO, memroy: 1 },
      422,
      'INVALID_REQUEST',
      'memroy',
    ],
    [
      'a nested label',
      '/v1/instances',
      { ...HELLO, labels: { a: {} } },
      422,
      'INVALID_REQUEST',
      'labels.a',
    ],
    [
      'XML in a label',
      '/v1/instances',
      { ...HELLO, labels: { a: '<b/>' } },
      422,
      'INVALID_REQUEST',
      'labels.a',
    ],
    [
      'a shell in a name',
      '/v1/instances',
      { ...HELLO, name: '$(id)' },
      422,
      'INVALID_REQUEST',
      'name',
    ],
    [
      'NUL in an argument',
      '/v1/instances',
      { ...HELLO, args: ['a\0b'] },
      422,
      'INVALID_REQUEST',
      'args.0',
    ],
    [
      'memory that is no number',
      '/v1/instances',
      { ...HELLO, memory: '1G' },
      422,
      'INVALID_REQUEST',
      'memory',
    ],
    ['a list as a body', '/v1/instances', [], 422, 'INVALID_REQUEST'],
    [
      'a symbol in lower case',
      '/v1/builds',
      { app: 'a', targets: ['kvm-x86_64'], symbols: { a: 'y' } },
      422,
      'INVALID_REQUEST',
      'symbols.a',
    ],
    [
      'an unknown symbol',
      '/v1/configurations:resolve',
      { app: 'a', targets: ['kvm-x86_64'], symbols: { NO_SUCH: 'y' } },
      422,
      'UNKNOWN_SYMBOL',
    ],
  ];
  test.each(cases)('%s', async (_name, path, body, status, code, field) => {
    const answer = await post(path).send(body as object);
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    const problem = problemSchema.parse(answer.body);
    expect(problem).toMatchObject({ status, code });
    expect(problem.detail.length).toBeGreaterThan(10);
    expect(problem.requestId).toBe(answer.headers['x-request-id']);
    if (field !== undefined) expect(problem.errors?.map((error) => error.path)).toContain(field);
  });

  test('JSON that is none, and a body of another type', async () => {
    const malformed = await post('/v1/instances').type('json').send('{"app":');
    expect(malformed.body).toMatchObject({ status: 400, code: 'MALFORMED_JSON' });
    const polluted = await post('/v1/instances').type('json').send('{"__proto__":{"a":1}}');
    expect(polluted.body).toMatchObject({ status: 400, code: 'MALFORMED_JSON' });
    const form = await post('/v1/instances').type('form').send('app=helloworld');
    expect(form.body).toMatchObject({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' });
  });

  test('paths and methods that are not there', async () => {
    expect((await get('/v1/nothing')).body).toMatchObject({ status: 404, code: 'ROUTE_NOT_FOUND' });
    const method = await del('/v1/apps');
    expect(method.body).toMatchObject({ status: 405, code: 'METHOD_NOT_ALLOWED' });
    expect(method.headers.allow).toBe('GET, HEAD');
    expect((await post(`/v1/instances/${UNKNOWN_ID}`)).headers.allow).toBe(
      'DELETE, GET, HEAD, PATCH',
    );
    expect((await post(`/v1/instances/${UNKNOWN_ID}:explode`)).body).toMatchObject({ status: 404 });
    expect((await get('/v1/instances/%zz')).body).toMatchObject({ status: 400 });
    expect((await get('/v1/instances?limit=0')).body).toMatchObject({
      errors: [{ path: 'limit' }],
    });
    expect((await get('/v1/instances?sort=name')).body).toMatchObject({
      errors: [{ path: 'sort' }],
    });
    expect((await get('/v1/events')).body).toMatchObject({ status: 426, code: 'UPGRADE_REQUIRED' });
    expect((await get('/v1/hosts/nowhere')).body).toMatchObject({
      status: 404,
      code: 'UNKNOWN_HOST',
    });
  });
});
