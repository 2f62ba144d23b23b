// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, test } from 'vitest';
import { FakeClock, simImage, World, type SimHostOptions } from '../../sim/index.js';

const HELLO = simImage('hello');
const create = { source: { image: HELLO.manifest.digest } } as const;

async function begin(host: Omit<SimHostOptions, 'clock'> = {}) {
  const clock = new FakeClock();
  const world = await World.start({ clock, images: [HELLO], hosts: { local: host } });
  return { clock, world };
}

const SLOW = { timeout: 120_000 };

/** So many instances with the label `app`, all running. */
async function fill(world: World, clock: FakeClock, app: string, count: number): Promise<void> {
  const { instances } = world.orchestrator;
  await instances.createMany({ ...create, name: app, labels: { app } }, count);
  await clock.advance(10_000);
  expect(instances.list({ selector: `app=${app}`, limit: 1 }).items[0]?.status.phase).toBe(
    'running',
  );
}

describe('a change by selector', () => {
  test('deletes what the selector names, and nothing else', async () => {
    const { world, clock } = await begin();
    await fill(world, clock, 'web', 1_200);
    await fill(world, clock, 'api', 3);
    const { instances, operations } = world.orchestrator;
    const { id, total } = await instances.changeMany('delete', { selector: 'app=web' });
    expect(total).toBe(1_200);
    await clock.advance(1_000);
    const operation = operations.get(id);
    expect(operation).toMatchObject({
      kind: 'instances.delete',
      phase: 'succeeded',
      done: 1_200,
      failed: 0,
    });
    expect(operation.items[0]).toMatchObject({ name: 'web-1', error: null });
    expect(instances.list({}).items.map(({ name }) => name)).toEqual(['api-1', 'api-2', 'api-3']);
    expect(world.host.domains.size).toBe(3);
  });

  test('deletes with grace: guests are asked to end, and only those that do not listen are ended', async () => {
    const { world, clock } = await begin();
    await fill(world, clock, 'web', 3);
    await fill(world, clock, 'deaf', 1);
    const { instances, operations } = world.orchestrator;
    const { id } = await instances.changeMany('delete', { all: true }, { graceSeconds: 30 });
    await clock.advance(29_000);
    expect(operations.get(id)).toMatchObject({ phase: 'running', done: 3 });
    expect(world.host.calls).toMatchObject({ shutdown: 4 });
    await clock.advance(2_000);
    expect(operations.get(id)).toMatchObject({ phase: 'succeeded', done: 4 });
  });

  test('that names nothing is done at once', async () => {
    const { world } = await begin();
    const { instances } = world.orchestrator;
    expect(await instances.changeMany('delete', { selector: 'app=none' })).toMatchObject({
      phase: 'succeeded',
      total: 0,
      failed: 0,
    });
  });

  test.each(['', ' ', '==', 'app=web,'])('is refused with the selector "%s"', async (selector) => {
    const { world, clock } = await begin();
    await fill(world, clock, 'web', 2);
    const { instances } = world.orchestrator;
    await expect(instances.changeMany('delete', { selector })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    });
    expect(instances.counts().running).toBe(2);
  });

  test('pauses, resumes and restarts, and tells for each item what became of it', async () => {
    const { world, clock } = await begin();
    await fill(world, clock, 'web', 5);
    const { instances, operations } = world.orchestrator;
    const [first] = instances.list({}).items;
    world.host.end(first!.id, { reason: 'exited', exitCode: 0, message: 'done' });
    await clock.advance(10);

    const paused = await instances.changeMany('pause', { all: true });
    await clock.advance(100);
    expect(operations.get(paused.id)).toMatchObject({ phase: 'succeeded', done: 4, failed: 1 });
    expect(operations.get(paused.id).items[0]?.error?.code).toBe('INVALID_PHASE');
    expect(instances.counts()).toMatchObject({ paused: 4, stopped: 1 });

    const resumed = await instances.changeMany('resume', { all: true });
    await clock.advance(100);
    expect(operations.get(resumed.id)).toMatchObject({ phase: 'succeeded', done: 4, failed: 1 });

    const restarted = await instances.changeMany('restart', { all: true });
    await clock.advance(100);
    expect(operations.get(restarted.id)).toMatchObject({ done: 5, failed: 0 });
    expect(instances.list({}).items.map(({ status }) => status.restarts)).toEqual([1, 1, 1, 1, 1]);
    expect(instances.counts().running).toBe(5);
  });

  test('ends although another request overtakes it', async () => {
    const { world, clock } = await begin({ latency: { pause: 50 } });
    await fill(world, clock, 'web', 3);
    const { instances, operations } = world.orchestrator;
    const { id } = await instances.changeMany('pause', { all: true });
    await instances.changeMany('delete', { all: true });
    await clock.advance(1_000);
    expect(operations.get(id)).toMatchObject({ phase: 'failed', done: 0, failed: 3 });
    expect(operations.get(id).items[0]?.error?.code).toBe('OPERATION_CANCELLED');
    expect(world.host.domains.size).toBe(0);
  });

  test('that is cancelled does not come to the rest', async () => {
    const { world, clock } = await begin({ latency: { destroy: 100 } });
    await fill(world, clock, 'web', 2_000);
    const { instances, operations } = world.orchestrator;
    const { id } = await instances.changeMany('delete', { all: true });
    const cancelled = await operations.cancel(id);
    expect(cancelled).toMatchObject({ phase: 'cancelled', total: 2_000, done: 0 });
    await clock.advance(60_000);
    const left = instances.counts().running;
    expect(left).toBeGreaterThanOrEqual(1_000);
    const untouched = cancelled.items.filter(({ error }) => error?.message.includes('before'));
    expect(untouched).toHaveLength(left);
    expect(world.host.domains.size).toBe(left);
  });
});

describe('fairness', () => {
  test('ten thousand deletions do not hold up a single one, nor the creations', SLOW, async () => {
    const latency: NonNullable<SimHostOptions['latency']> = {};
    const { world, clock } = await begin({ latency });
    await fill(world, clock, 'web', 10_000);
    const { instances } = world.orchestrator;
    const single = await instances.create(create);
    await clock.advance(10);
    Object.assign(latency, { destroy: 10, create: 10 });
    await instances.changeMany('delete', { selector: 'app=web' });
    await clock.advance(25);
    await instances.delete(single.id);
    const another = await instances.create(create);
    await clock.advance(25);
    expect(() => instances.get(single.id)).toThrow();
    expect(instances.get(another.id).status.phase).toBe('running');
    expect(instances.list({ selector: 'app=web' }).items).toHaveLength(100);
  });
});

describe('SIGKILL', () => {
  test.each(['delete', 'restart', 'pause'] as const)(
    'during a bulk %s, at any point: it goes on, changes each once, and ends',
    SLOW,
    async (change) => {
      for (const wait of [0, 1, 4, 9]) {
        const { world, clock } = await begin({ latency: { destroy: 3, create: 1, pause: 3 } });
        await fill(world, clock, 'web', 1_100);
        const created = world.host.calls.create!;
        const { id } = await world.orchestrator.instances.changeMany(change, { all: true });
        for (let i = 0; i < wait; i++) await new Promise((resolve) => setImmediate(resolve));
        await clock.advance(wait);
        world.kill(wait % 2 === 0 ? 'before-write' : 'after-write');
        await clock.advance(10);
        await world.start();
        await clock.advance(20_000);
        const { instances, operations } = world.orchestrator;
        expect(operations.get(id)).toMatchObject({ phase: 'succeeded', done: 1_100, failed: 0 });
        expect(world.host.violations).toEqual([]);
        expect(world.host.domains.size).toBe(change === 'delete' ? 0 : 1_100);
        const count = instances.counts();
        if (change === 'pause') expect(count.paused).toBe(1_100);
        if (change !== 'restart') continue;
        expect(count.running).toBe(1_100);
        expect(world.host.calls.create).toBe(created + 1_100);
        const { items } = instances.list({ limit: 500 });
        expect(new Set(items.map(({ status }) => status.restarts))).toEqual(new Set([1]));
      }
    },
  );
});
