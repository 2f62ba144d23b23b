// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, test } from 'vitest';
import { MemoryStateStore, type Client } from '../../../src/orchestrator/index.js';
import { FakeClock, settle, simImage, World, type WorldOptions } from '../../sim/index.js';

const HELLO = simImage('hello');
const MIB = 2 ** 20;
const source = { image: HELLO.manifest.digest };
const anna: Client = { name: 'anna', quota: { instances: 5, memoryBytes: 100 * MIB, vcpus: 8 } };
const bert: Client = { name: 'bert', quota: {} };

async function begin(options: Partial<WorldOptions> = {}) {
  const clock = new FakeClock();
  return { clock, world: await World.start({ clock, images: [HELLO], ...options }) };
}

describe('a quota', () => {
  test.each([
    ['instances', { memoryBytes: 4 * MIB }, 5],
    ['bytes of memory', { memoryBytes: 40 * MIB }, 2],
    ['vCPUs', { vcpus: 3 }, 2],
  ])('bounds %s, and one client does not feel that of another', async (what, shape, most) => {
    const { world, clock } = await begin();
    const { instances } = world.orchestrator;
    for (let i = 0; i < most; i++) await instances.create({ client: anna, source, ...shape });
    await expect(instances.create({ client: anna, source, ...shape })).rejects.toMatchObject({
      code: 'QUOTA_EXCEEDED',
      message: expect.stringContaining(what) as string,
    });
    for (let i = 0; i < 10; i++) await instances.create({ client: bert, source, ...shape });
    await clock.advance(10);
    expect(instances.usageOf('anna').instances).toBe(most);
    expect(instances.usageOf('bert').instances).toBe(10);
    // What has ended still counts; what is gone does not.
    const [first] = instances.list({}).items;
    world.host.end(first!.id, { reason: 'exited', exitCode: 0, message: '' });
    await expect(instances.create({ client: anna, source, ...shape })).rejects.toMatchObject({
      code: 'QUOTA_EXCEEDED',
    });
    await instances.delete(first!.id);
    await clock.advance(10);
    const again = await instances.create({ client: anna, source, ...shape });
    expect(again.owner).toBe('anna');
  });

  test('is not passed by requests at the same time', async () => {
    const { world } = await begin();
    const { instances } = world.orchestrator;
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, () => instances.create({ client: anna, source })),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    expect(instances.usageOf('anna').instances).toBe(5);
  });

  test('bounds a bulk: the items beyond it fail, or all or nothing the whole', async () => {
    const { world, clock } = await begin();
    const { instances, operations } = world.orchestrator;
    const request = { client: anna, source, name: 'web', memoryBytes: 4 * MIB };
    await expect(instances.createMany(request, 6, { allOrNothing: true })).rejects.toMatchObject({
      code: 'QUOTA_EXCEEDED',
    });
    const { id } = await instances.createMany(request, 8);
    await clock.advance(1_000);
    expect(operations.get(id)).toMatchObject({ done: 5, failed: 3 });
    expect(operations.get(id).items[7]?.error?.code).toBe('QUOTA_EXCEEDED');
  });

  test('is given back when the acceptance cannot be written', async () => {
    class FullStore extends MemoryStateStore {
      full = false;
      override commit(...args: Parameters<MemoryStateStore['commit']>): Promise<void> {
        if (this.full) return Promise.reject(new Error('full'));
        return super.commit(...args);
      }
    }
    const store = new FullStore();
    const { world } = await begin({ store });
    const { instances } = world.orchestrator;
    store.full = true;
    await expect(instances.create({ client: anna, source })).rejects.toThrow('full');
    expect(instances.usageOf('anna').instances).toBe(0);
  });

  test('counts what is there after SIGKILL', async () => {
    const { world, clock } = await begin();
    for (let i = 0; i < 5; i++) {
      await world.orchestrator.instances.create({ client: anna, source, memoryBytes: 4 * MIB });
    }
    await clock.advance(10);
    world.kill();
    await world.start();
    const { instances } = world.orchestrator;
    expect(instances.usageOf('anna')).toEqual({
      instances: 5,
      memoryBytes: 20 * MIB,
      vcpus: 5,
    });
    await expect(instances.create({ client: anna, source })).rejects.toMatchObject({
      code: 'QUOTA_EXCEEDED',
    });
  });
});

describe('fairness between clients', () => {
  test('bulks of two clients go on side by side, however many one of them has begun', async () => {
    const { world, clock } = await begin({ hosts: { local: { latency: { create: 10 } } } });
    const { instances } = world.orchestrator;
    const many = (client: Client, name: string) =>
      instances.createMany({ client, source, name, labels: { who: client.name } }, 400);
    for (const name of ['a', 'b', 'c', 'd']) await many({ name: 'anna', quota: {} }, name);
    await clock.advance(15);
    const before = instances.counts().running;
    await many(bert, 'e');
    await settle();
    await clock.advance(200);
    const running = (who: string) =>
      instances
        .list({ selector: `who=${who}`, limit: 500, phase: 'running' })
        .items.filter(({ status }) => status.phase === 'running').length;
    const [annas, berts] = [running('anna') - before, running('bert')];
    expect(berts).toBeGreaterThan(100);
    expect(Math.abs(annas - berts)).toBeLessThanOrEqual(32);
  });
});
