// SPDX-License-Identifier: BSD-3-Clause
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ImageManifest } from '../../../src/build/image.js';
import type { ExchangeProgress, ImageExchange } from '../../../src/build/ports.js';
import { UnicoreError } from '../../../src/errors/index.js';
import type { EventRecord } from '../../../src/orchestrator/ports.js';
import { FakeClock } from '../../sim/fake-clock.js';
import { simImage, World } from '../../sim/world.js';

/** An exchange whose transfers end when the test says so. */
class HeldExchange implements ImageExchange {
  release: (manifest: ImageManifest) => void = () => undefined;
  fail: (error: Error) => void = () => undefined;
  progress: ExchangeProgress = () => undefined;

  requireAllowed(reference: string): void {
    if (!reference.startsWith('good/')) throw new UnicoreError('REGISTRY_NOT_ALLOWED', 'no');
  }
  pull(_reference: string, progress: ExchangeProgress, signal: AbortSignal) {
    this.progress = progress;
    return new Promise<ImageManifest>((resolve, reject) => {
      this.release = resolve;
      this.fail = reject;
      signal.addEventListener('abort', () => {
        reject(signal.reason as Error);
      });
    });
  }
  push(): Promise<string> {
    return Promise.resolve('sha256:of-the-artifact');
  }
}

const { manifest } = simImage('hello');
let exchange: HeldExchange;
let world: World;
beforeEach(async () => {
  exchange = new HeldExchange();
  world = await World.start({ clock: new FakeClock(), orchestrator: { exchange } });
});
afterEach(() => world.stop());

test('a pull is an operation that ends with the digest of the image', async () => {
  const { operations, transfers, events } = world.orchestrator;
  const told: EventRecord[] = [];
  const finished = new Promise<void>((resolve) => {
    events.subscribe((event) => {
      told.push(event);
      if (event.type === 'operation.finished') resolve();
    });
  });
  const { id, kind, phase } = await transfers.pull('good/x:1');
  expect({ kind, phase }).toEqual({ kind: 'images.pull', phase: 'running' });
  exchange.progress(2 ** 20, 2 ** 21);
  exchange.release(manifest);
  const ended = await operations.wait(id);
  expect(ended).toMatchObject({
    phase: 'succeeded',
    items: [{ id: manifest.digest, name: 'good/x:1', error: null }],
  });
  await finished;
  expect(told.find(({ data }) => data.totalBytes === 2 ** 21)?.type).toBe('operation.progress');
  expect(told.map(({ type }) => type)).toContain('image.imported');
});

test('a push is one, too', async () => {
  const { operations, transfers } = world.orchestrator;
  const { id } = await transfers.push(manifest.digest, 'good/x:1');
  expect(await operations.wait(id)).toMatchObject({ kind: 'images.push', phase: 'succeeded' });
});

test('a transfer that fails says why', async () => {
  const { operations, transfers } = world.orchestrator;
  const { id } = await transfers.pull('good/x:1');
  exchange.fail(new UnicoreError('REGISTRY_UNAVAILABLE', 'it is down'));
  expect(await operations.wait(id)).toMatchObject({
    phase: 'failed',
    items: [{ error: { code: 'REGISTRY_UNAVAILABLE', message: 'it is down' } }],
  });
});

test('a transfer can be cancelled', async () => {
  const { operations, transfers } = world.orchestrator;
  const { id } = await transfers.pull('good/x:1');
  expect(await operations.cancel(id)).toMatchObject({
    phase: 'cancelled',
    items: [{ error: { code: 'OPERATION_CANCELLED' } }],
  });
});

test('a registry that is not allowed makes no operation', async () => {
  const { operations, transfers } = world.orchestrator;
  await expect(transfers.pull('bad/x:1')).rejects.toMatchObject({ code: 'REGISTRY_NOT_ALLOWED' });
  expect(operations.list()).toEqual([]);
});

test('a transfer that the end of the daemon cut off has failed after the restart', async () => {
  const { id } = await world.orchestrator.transfers.pull('good/x:1');
  world.kill();
  await world.start();
  expect(world.orchestrator.operations.get(id)).toMatchObject({
    phase: 'failed',
    items: [{ name: 'good/x:1', error: { code: 'SHUTTING_DOWN' } }],
  });
});

test('what was pulled is still said after a restart', async () => {
  const { operations, transfers } = world.orchestrator;
  const { id } = await transfers.pull('good/x:1');
  exchange.release(manifest);
  await operations.wait(id);
  await world.stop();
  await world.start();
  expect(world.orchestrator.operations.get(id)).toMatchObject({
    phase: 'succeeded',
    items: [{ id: manifest.digest, error: null }],
  });
});
