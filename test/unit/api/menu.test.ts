// SPDX-License-Identifier: BSD-3-Clause
import request from 'supertest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { applicationDetailSchema, configurationMenuSchema } from '../../../src/wire/index.js';
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

test('an application shows the menu of its first target, or of one that is named', async () => {
  const { menu } = applicationDetailSchema.parse((await get('/v1/apps/helloworld')).body);
  expect(menu.target).toBe('kvm-x86_64');
  expect(menu.entries[0]?.entries[0]).toMatchObject({ symbol: 'GREETING', value: 'Hello' });
  const other = await get('/v1/apps/helloworld?target=linuxu-x86_64');
  expect(other.body).toMatchObject({ menu: { target: 'linuxu-x86_64' } });
  expect((await get('/v1/apps/helloworld?target=nonsense')).status).toBe(422);
});

test('a menu has the values that a selection gives', async () => {
  const body = { app: 'helloworld', target: 'kvm-x86_64', symbols: { GREETING: 'Hi' } };
  const answer = await post('/v1/configurations:menu').send(body);
  expect(answer.status).toBe(200);
  const menu = configurationMenuSchema.parse(answer.body);
  expect(menu.entries[0]?.entries[0]).toMatchObject({ value: 'Hi', chosen: true });
  const nameless = { target: 'kvm-x86_64' };
  expect((await post('/v1/configurations:menu').send(nameless)).status).toBe(422);
});

test('a build takes the text of a defconfig', async () => {
  const config = 'CONFIG_GREETING="a \\"b\\""\n# CONFIG_X is not set\nCONFIG_TARGET_KVM_X86_64=y\n';
  const body = { app: 'helloworld', targets: ['linuxu-x86_64'], config };
  expect((await post('/v1/builds').send(body)).status).toBe(202);
  expect(fixture.builder.requests.at(-1)).toMatchObject({
    targets: ['linuxu-x86_64'],
    symbols: { GREETING: 'a "b"', X: 'n' },
  });
  expect(fixture.builder.requests.at(-1)?.symbols).not.toHaveProperty('TARGET_KVM_X86_64');
  const long = { ...body, config: 'x'.repeat(65_537) };
  expect((await post('/v1/builds').send(long)).status).toBe(422);
});
