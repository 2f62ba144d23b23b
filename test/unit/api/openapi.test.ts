// SPDX-License-Identifier: BSD-3-Clause
import request from 'supertest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { orchestratorMetrics } from '../../../src/daemon/orchestrator-metrics.js';
import { startFixture, TOKENS, type Fixture } from './fixture.js';

interface Document {
  openapi: string;
  paths: Record<
    string,
    Record<string, { operationId: string; responses: Record<string, unknown> }>
  >;
  components: { schemas: Record<string, unknown> };
}

let fixture: Fixture;
let document: Document;
beforeAll(async () => {
  fixture = await startFixture();
  document = (await request(fixture.url).get('/openapi.json')).body as Document;
});
afterAll(() => fixture.server.close(1000));

test('is OpenAPI 3.1 and has every route', () => {
  expect(document.openapi).toBe('3.1.0');
  const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(routes.sort()).toEqual([
    'DELETE /v1/builds/{id}',
    'DELETE /v1/images/{digest}',
    'DELETE /v1/instances',
    'DELETE /v1/instances/{id}',
    'DELETE /v1/operations/{id}',
    'DELETE /v1/sources/{digest}',
    'DELETE /v1/tokens/{name}',
    'DELETE /v1/warm-pools/{name}',
    'GET /healthz',
    'GET /metrics',
    'GET /readyz',
    'GET /v1/apps',
    'GET /v1/apps/{name}',
    'GET /v1/builds',
    'GET /v1/builds/{id}',
    'GET /v1/builds/{id}/log',
    'GET /v1/events',
    'GET /v1/hosts',
    'GET /v1/hosts/{id}',
    'GET /v1/hosts/{id}/doctor',
    'GET /v1/images',
    'GET /v1/images/{digest}',
    'GET /v1/images/{digest}/sbom',
    'GET /v1/instances',
    'GET /v1/instances/{id}',
    'GET /v1/instances/{id}/console',
    'GET /v1/instances/{id}/stats',
    'GET /v1/libraries',
    'GET /v1/libraries/{name}',
    'GET /v1/metrics/history',
    'GET /v1/metrics/instances',
    'GET /v1/operations',
    'GET /v1/operations/{id}',
    'GET /v1/sources',
    'GET /v1/sources/{digest}',
    'GET /v1/tokens',
    'GET /v1/version',
    'GET /v1/warm-pools',
    'GET /v1/warm-pools/{name}',
    'PATCH /v1/instances/{id}',
    'POST /v1/builds',
    'POST /v1/configurations:explain',
    'POST /v1/configurations:graph',
    'POST /v1/configurations:menu',
    'POST /v1/configurations:resolve',
    'POST /v1/images',
    'POST /v1/images/{digest}:push',
    'POST /v1/images:prune',
    'POST /v1/images:pull',
    'POST /v1/instances',
    'POST /v1/instances/{id}:pause',
    'POST /v1/instances/{id}:restart',
    'POST /v1/instances/{id}:resume',
    'POST /v1/instances:delete',
    'POST /v1/instances:pause',
    'POST /v1/instances:restart',
    'POST /v1/instances:resume',
    'POST /v1/sources',
    'POST /v1/tokens',
    'PUT /v1/warm-pools/{name}',
  ]);
});

test('names its operations once, and every reference leads somewhere', () => {
  const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
  const ids = operations.map((operation) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { responses } of operations) expect(responses).toHaveProperty('default');
  const references = [
    ...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g),
  ];
  expect(references.length).toBeGreaterThan(20);
  for (const [, name] of references) expect(document.components.schemas).toHaveProperty(name!);
});

test('documents what the validation refuses', () => {
  expect(document.components.schemas.CreateInstance).toMatchObject({
    additionalProperties: false,
    properties: { vcpus: { type: 'integer', minimum: 1 } },
  });
});

test('Swagger UI is served from here, with scripts from nowhere else', async () => {
  const page = await request(fixture.url).get('/docs');
  expect(page.status).toBe(200);
  expect(page.text).not.toMatch(/(?:src|href)=["']?(?:https?:)?\/\//);
  expect(page.headers['content-security-policy']).toContain("default-src 'self'");
  expect((await request(fixture.url).get('/docs/swagger-ui-bundle.js')).status).toBe(200);
  expect((await request(fixture.url).get('/docs/..%2f..%2fpackage.json')).status).toBe(404);
});

test('metrics have the requests by route, and the instances by phase', async () => {
  orchestratorMetrics(fixture.registry).step({
    host: 'local',
    step: 'spawn',
    driver: 'linuxu',
    provisioning: 'cold',
    seconds: 0.002,
  });
  await request(fixture.url)
    .post('/v1/instances')
    .auth(TOKENS.operator, { type: 'bearer' })
    .send({ app: 'helloworld', target: 'linuxu-x86_64' });
  const answer = await request(fixture.url).get('/metrics').auth(TOKENS.viewer, { type: 'bearer' });
  expect(answer.headers['content-type']).toContain('text/plain');
  expect(answer.text).toContain('unicore_instances{phase="running"} 1');
  expect(answer.text).toMatch(
    /unicore_http_request_duration_seconds_count\{method="POST",route="\/v1\/instances",status="201"\} 1/,
  );
  expect(answer.text).toContain(
    'unicore_instance_step_duration_seconds_count{step="spawn",driver="linuxu",provisioning="cold"} 1',
  );
  expect(answer.text).toContain('process_resident_memory_bytes');
});

test('readiness follows its checks', async () => {
  const ready = () => request(fixture.url).get('/readyz').auth(TOKENS.viewer, { type: 'bearer' });
  expect((await ready()).body).toMatchObject({ status: 'ready' });
  fixture.readiness.ok = false;
  expect((await ready()).status).toBe(503);
});
