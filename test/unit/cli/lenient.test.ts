// SPDX-License-Identifier: BSD-3-Clause
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import * as wire from '../../../src/wire/index.js';
import { ApiClient } from '../../../src/cli/client/api-client.js';
import { lenient } from '../../../src/cli/client/lenient.js';

const { hostPageSchema, instanceSchema, operationSchema } = wire;
let server: Server;
let answer: { readonly status: number; readonly body: unknown };
let client: ApiClient;
beforeAll(async () => {
  server = createServer((_request, response) => {
    response.writeHead(answer.status).end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  client = new ApiClient({ url, socketPath: null, token: 'x', publicUrl: url.href });
});
afterAll(() => void server.close());

const OPERATION = {
  ...{ id: 'x', kind: 'k', phase: 'running', total: 1, done: 0, failed: 0, next: null },
  items: [{ id: null, name: 'a', error: { code: 'C', message: 'm' } }],
  createdAt: '2026-01-01T00:00:00Z',
  finishedAt: null,
};

test('an answer may have more fields than this version knows, at any depth', async () => {
  const items = [{ id: null, name: 'a', error: { code: 'C', message: 'm', more: 1 }, new: true }];
  answer = { status: 200, body: { ...OPERATION, items, newest: ['x'] } };
  expect(await client.call(operationSchema, 'GET', '/')).toEqual(answer.body);
  expect(operationSchema.safeParse(answer.body).success).toBe(false);
});

test('a problem may, too', async () => {
  const problem = { type: 'about:blank', title: 'T', status: 409, code: 'C', detail: 'd', more: 1 };
  answer = { status: 409, body: problem };
  await expect(client.call(operationSchema, 'GET', '/')).rejects.toThrow('T: d [C]');
});

test('what is missing or of another type is refused as before', async () => {
  answer = { status: 200, body: { ...OPERATION, total: 'many' } };
  await expect(client.call(operationSchema, 'GET', '/')).rejects.toThrow('total');
  answer = { status: 200, body: { ...OPERATION, items: [{ id: null }], createdAt: 'now' } };
  await expect(client.call(operationSchema, 'GET', '/')).rejects.toThrow('items');
  answer = { status: 200, body: { items: [], next: 7 } };
  await expect(client.call(hostPageSchema, 'GET', '/')).rejects.toThrow('next');
  expect(lenient(instanceSchema).safeParse({}).success).toBe(false);
});

test('every schema of the API can be made so, and no object of it stays strict', () => {
  const schemas = Object.values(wire).filter((each) => each instanceof z.ZodType);
  expect(schemas.length).toBeGreaterThan(40);
  for (const schema of schemas) {
    const text = JSON.stringify(
      z.toJSONSchema(lenient(schema), { unrepresentable: 'any', io: 'input' }),
    );
    expect(text).not.toContain('"additionalProperties":false');
  }
});
