// SPDX-License-Identifier: BSD-3-Clause
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { runCommandLine } from '../../src/cli/command-line.js';
import { PassThrough } from 'node:stream';
import {
  applicationPageSchema,
  buildPageSchema,
  hostPageSchema,
  imagePageSchema,
  instancePageSchema,
  libraryPageSchema,
  operationPageSchema,
  sourcePageSchema,
  tokenPageSchema,
  warmPoolPageSchema,
} from '../../src/wire/index.js';
import type { DaemonProcess } from './daemon-process.js';
import { startDaemonOnHosts, type DaemonOnHosts } from './hosts.js';

let hosts: DaemonOnHosts;
let daemon: DaemonProcess;
beforeAll(async () => {
  hosts = await startDaemonOnHosts();
  daemon = hosts.daemon;
});
afterAll(() => hosts[Symbol.asyncDispose]());

describe.each(['linuxu-x86_64', 'kvm-x86_64'])('%s', (target) => {
  test('helloworld is built, runs, prints and ends with 0', async () => {
    const instance = await daemon.create({ app: 'helloworld', target });
    expect(['running', 'stopped']).toContain(instance.phase);
    expect(instance).toMatchObject({ app: 'helloworld', target, provisioning: 'cold' });
    await daemon.console(instance.id, 'Hello');
    await expect
      .poll(async () => (await daemon.get(`/v1/instances/${instance.id}`)).body as object, {
        timeout: 60_000,
      })
      .toMatchObject({ phase: 'stopped', exitCode: 0, readiness: 'guest' });
    expect((await daemon.delete(`/v1/instances/${instance.id}`)).status).toBe(204);
    expect((await daemon.get(`/v1/instances/${instance.id}`)).status).toBe(404);
  });

  test('the same request again runs no compiler', async () => {
    const build = await daemon.post('/v1/builds', { app: 'helloworld', targets: [target] });
    const { id } = build.body as { id: string };
    expect((await daemon.get(`/v1/builds/${id}?wait=60`)).body).toMatchObject({
      phase: 'succeeded',
      targets: [{ target, cached: true }],
    });
  });

  test('daemonhello is paused, resumed and deleted', async () => {
    const { id } = await daemon.create({ app: 'daemonhello', target });
    expect((await daemon.post(`/v1/instances/${id}:pause`)).body).toMatchObject({
      phase: 'paused',
    });
    expect((await daemon.post(`/v1/instances/${id}:pause`)).status).toBeLessThan(500);
    expect((await daemon.post(`/v1/instances/${id}:resume`)).body).toMatchObject({
      phase: 'running',
    });
    expect((await daemon.delete(`/v1/instances/${id}`)).status).toBe(204);
  });

  test('an exit code and a crash come through', async () => {
    const coded = await daemon.create({ app: 'exitcode', target, args: ['7'] });
    await expect
      .poll(async () => (await daemon.get(`/v1/instances/${coded.id}`)).body as object, {
        timeout: 60_000,
      })
      .toMatchObject({ exitCode: 7 });
    const crashed = await daemon.create({ app: 'crash', target, args: ['null'] });
    await expect
      .poll(
        async () =>
          ((await daemon.get(`/v1/instances/${crashed.id}`)).body as { phase: string }).phase,
        { timeout: 60_000 },
      )
      .toBe('failed');
    await daemon.delete(`/v1/instances/${coded.id}`);
    await daemon.delete(`/v1/instances/${crashed.id}`);
  });
});

test('events tell of an instance from its acceptance to its end', async () => {
  const socket = new WebSocket(`${daemon.url.replace('http', 'ws')}/v1/events`, {
    headers: { authorization: `Bearer ${daemon.token}` },
  });
  const types: string[] = [];
  const resources: string[] = [];
  socket.on('message', (data: Buffer) => {
    const event = JSON.parse(data.toString()) as { type?: string; resource?: { id: string } };
    if (event.type === undefined) return;
    types.push(event.type);
    resources.push(event.resource?.id ?? '');
  });
  await new Promise((resolve) => socket.once('open', resolve));
  socket.send(
    JSON.stringify({ id: 1, op: 'subscribe', kinds: ['instance'], selector: 'test=events' }),
  );
  const { id } = await daemon.create({
    app: 'helloworld',
    target: 'linuxu-x86_64',
    labels: { test: 'events' },
  });
  await daemon.delete(`/v1/instances/${id}`);
  await expect.poll(() => types, { timeout: 30_000 }).toContain('instance.deleted');
  expect(new Set(resources)).toEqual(new Set([id]));
  socket.terminate();
});

test('many at once are one operation', async () => {
  const accepted = await daemon.post('/v1/instances', {
    app: 'daemonhello',
    target: 'linuxu-x86_64',
    count: 50,
    labels: { test: 'many' },
  });
  expect(accepted.status).toBe(202);
  const { id } = accepted.body as { id: string };
  expect((await daemon.get(`/v1/operations/${id}?wait=120`)).body).toMatchObject({
    phase: 'succeeded',
    total: 50,
    done: 50,
    failed: 0,
  });
  const out = new PassThrough();
  const code = await runCommandLine(
    ['rm', '--selector', 'test=many'],
    { UNICORE_STATE_DIR: daemon.stateDir },
    { out, err: new PassThrough() },
  );
  expect(code).toBe(0);
  expect((out.read() as Buffer).toString()).toContain('50 deleted');
});

test.each([
  ['apps', applicationPageSchema],
  ['builds', buildPageSchema],
  ['hosts', hostPageSchema],
  ['images', imagePageSchema],
  ['instances', instancePageSchema],
  ['libraries', libraryPageSchema],
  ['operations', operationPageSchema],
  ['sources', sourcePageSchema],
  ['tokens', tokenPageSchema],
  ['warm-pools', warmPoolPageSchema],
])('%s are listed as they are described', async (name, schema) => {
  const answer = await daemon.get(`/v1/${name}`);
  expect(answer.status).toBe(200);
  expect(schema.safeParse(answer.body).error).toBeUndefined();
});

test('the state directory is for its owner only', async () => {
  expect((await stat(daemon.stateDir)).mode & 0o777).toBe(0o700);
  for (const name of ['admin.token', 'unicored.sock']) {
    expect((await stat(join(daemon.stateDir, name))).mode & 0o777).toBe(0o600);
  }
});
