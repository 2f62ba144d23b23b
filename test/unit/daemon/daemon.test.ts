// SPDX-License-Identifier: BSD-3-Clause
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MemoryIdempotencyStore } from '../api/memory-idempotency-store.js';
import { createLogger } from '../../../src/api/logging/logger.js';
import { configurationSchema } from '../../../src/daemon/configuration-schema.js';
import { startDaemon, type Compose } from '../../../src/daemon/daemon.js';
import {
  FakeBuilder,
  FakeCatalogue,
  FakeCollector,
  fakeConfigurator,
  FakeImages,
  FakeSources,
} from '../api/build-fakes.js';
import { FakeWarmPools } from '../api/fake-warm-pools.js';
import {
  FakeEvents,
  fakeHosts,
  FakeInstances,
  FakeOperations,
  FakeTransfers,
} from '../api/fakes.js';

let directory: string;
let closed: number;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'unicore-daemon-'));
  closed = 0;
});
afterEach(() => rm(directory, { recursive: true }));

const logger = createLogger({ level: 'silent' });
const configuration = (listen = '127.0.0.1:0') =>
  configurationSchema.parse({
    stateDir: join(directory, 'state'),
    poolsDir: '/usr/share/unicore/pools',
    listen,
    logLevel: 'silent',
  });

const compose: Compose = () => {
  const events = new FakeEvents();
  const instances = new FakeInstances(events);
  return Promise.resolve({
    services: {
      catalogue: new FakeCatalogue(),
      configurator: fakeConfigurator,
      builder: new FakeBuilder(),
      images: new FakeImages(),
      collector: new FakeCollector(),
      sources: new FakeSources(),
      instances,
      operations: new FakeOperations(instances),
      transfers: new FakeTransfers(instances),
      hosts: fakeHosts,
      warmPools: new FakeWarmPools(),
      events,
      imageUsage: instances,
      idempotency: new MemoryIdempotencyStore(),
      readiness: [],
      registry: new Registry(),
      version: '0.0.0-test',
    },
    close: () => {
      closed += 1;
      return Promise.resolve();
    },
  });
};

test('answers with the token of its state directory, tells where it is, and leaves nothing open', async () => {
  const daemon = await startDaemon(configuration(), logger, compose);
  const token = (await readFile(join(directory, 'state', 'admin.token'), 'utf8')).trim();
  const answer = await fetch(`${daemon.url}/v1/version`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(await answer.json()).toMatchObject({ name: 'unicored' });
  const announced: unknown = JSON.parse(
    await readFile(join(directory, 'state', 'unicored.json'), 'utf8'),
  );
  expect(announced).toMatchObject({ url: daemon.url, pid: process.pid });
  await expect(startDaemon(configuration(), logger, compose)).rejects.toMatchObject({
    code: 'STATE_LOCKED',
  });
  await daemon.stop();
  expect(closed).toBe(1);
  await expect(stat(daemon.socketPath)).rejects.toThrow('ENOENT');
  await (await startDaemon(configuration(), logger, compose)).stop();
});

test('gives back what it took when it cannot listen', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  await expect(
    startDaemon(configuration(`127.0.0.1:${port}`), logger, compose),
  ).rejects.toMatchObject({ code: 'ADDRESS_UNAVAILABLE' });
  expect(closed).toBe(1);
  other.close();
  await (await startDaemon(configuration(), logger, compose)).stop();
});
