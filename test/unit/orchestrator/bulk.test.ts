// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, test } from 'vitest';
import { FakeClock, settle, simImage, World, type WorldOptions } from '../../sim/index.js';

const HELLO = simImage('hello');
const create = { source: { image: HELLO.manifest.digest } } as const;
const MIB = 2 ** 20;

async function begin(
  options: Partial<WorldOptions> = {},
): Promise<{ world: World; clock: FakeClock }> {
  const clock = new FakeClock();
  return { clock, world: await World.start({ clock, images: [HELLO], ...options }) };
}

describe('ten thousand', () => {
  test(
    'are created by one request, listed by the page, and deleted',
    { timeout: 120_000 },
    async () => {
      const { world, clock } = await begin();
      const { instances, operations } = world.orchestrator;
      const { id } = await instances.createMany({ ...create, name: 'web' }, 10_000);
      await clock.advance(1_000);
      const operation = operations.get(id);
      expect(operation).toMatchObject({
        phase: 'succeeded',
        total: 10_000,
        done: 10_000,
        failed: 0,
      });
      expect(operation.items[9_999]).toMatchObject({ name: 'web-10000', error: null });
      expect(instances.counts().running).toBe(10_000);
      expect(world.host.domains.size).toBe(10_000);

      const ids: string[] = [];
      let cursor: string | null = null;
      do {
        const page = instances.list({ limit: 500, ...(cursor === null ? {} : { cursor }) });
        ids.push(...page.items.map((each) => each.id));
        cursor = page.next;
      } while (cursor !== null);
      expect(new Set(ids).size).toBe(10_000);

      await Promise.all(ids.map((each) => instances.delete(each)));
      await clock.advance(1_000);
      expect(world.host.domains.size).toBe(0);
      expect(instances.list({}).items).toEqual([]);
      expect(world.host.peak.create).toBeLessThanOrEqual(64);
      expect(world.host.peak.destroy).toBeLessThanOrEqual(8);
      await world.stop();
    },
  );
});

describe('bulk create', () => {
  test('does not hold up a single one', async () => {
    const { world, clock } = await begin({ hosts: { local: { latency: { create: 10 } } } });
    const { instances } = world.orchestrator;
    await instances.createMany({ ...create, name: 'web' }, 2_000);
    await clock.advance(20);
    const single = await instances.create(create);
    await clock.advance(25);
    expect(instances.get(single.id).status.phase).toBe('running');
    expect(instances.counts().running).toBeLessThan(200);
  });

  test('tells for each item what became of it', async () => {
    const { world, clock } = await begin({
      hosts: {
        local: {
          memoryBytes: 400 * MIB,
          guest: ({ name }) => (name === 'web-2' ? { does: 'crashes' } : { does: 'lives' }),
        },
      },
    });
    const { instances, operations } = world.orchestrator;
    await instances.create({ ...create, name: 'web-1' });
    const { id } = await instances.createMany({ ...create, name: 'web', memoryBytes: 50 * MIB }, 4);
    await clock.advance(1_000);
    const operation = operations.get(id);
    expect(operation).toMatchObject({ phase: 'succeeded', done: 1, failed: 3 });
    const codes = operation.items.map(({ error }) => error?.code ?? null);
    expect(codes[0]).toBe('NAME_TAKEN');
    expect(codes[1]).toBe('DRIVER_FAILED');
    expect(codes.filter((code) => code === 'NO_CAPACITY')).toHaveLength(1);
  });

  test('as all or nothing refuses the whole, and holds nothing', async () => {
    const { world } = await begin({ hosts: { local: { memoryBytes: 400 * MIB } } });
    const { instances } = world.orchestrator;
    const request = { ...create, name: 'web', memoryBytes: 50 * MIB };
    await expect(instances.createMany(request, 3, { allOrNothing: true })).rejects.toMatchObject({
      code: 'NO_CAPACITY',
    });
    await instances.create({ ...create, name: 'api-2' });
    const taken = { ...request, name: 'api', memoryBytes: 10 * MIB };
    await expect(instances.createMany(taken, 3, { allOrNothing: true })).rejects.toMatchObject({
      code: 'NAME_TAKEN',
    });
    await instances.createMany(request, 2, { allOrNothing: true });
  });

  test('that is cancelled undoes what is under way and keeps what runs', async () => {
    const { world, clock } = await begin({ hosts: { local: { latency: { create: 10 } } } });
    const { instances, operations } = world.orchestrator;
    const { id } = await instances.createMany({ ...create, name: 'web' }, 1_000);
    const waiting = operations.wait(id);
    await clock.advance(35);
    const running = instances.counts().running;
    expect(running).toBeGreaterThan(0);
    const cancelled = operations.cancel(id);
    await settle();
    expect(await cancelled).toMatchObject({ phase: 'cancelled', done: running });
    expect((await waiting).phase).toBe('cancelled');
    await clock.advance(60_000);
    expect(instances.counts()).toMatchObject({ running, pending: 0, creating: 0 });
    expect(world.host.domains.size).toBe(running);
  });

  test.each([
    ['web', 'web-1', 'web-10'],
    ['web{n}', 'web1', 'web10'],
    ['n{n:04}-web', 'n0001-web', 'n0010-web'],
    ['{n:02}', '01', '10'],
  ])('makes names of %s', async (name, first, tenth) => {
    const { world, clock } = await begin();
    const { instances, operations } = world.orchestrator;
    const { id } = await instances.createMany({ ...create, name }, 10);
    await clock.advance(100);
    const names = operations.get(id).items.map((item) => item.name);
    expect([names[0], names[9]]).toEqual([first, tenth]);
    expect(instances.list({}).items.map((each) => each.name)).toEqual(names);
  });

  test.each(['{n}-{n}', 'web-{n', 'web-{m}', '-{n}', 'web-{n:4}', '{n:04}-'])(
    'makes no names of %s',
    async (name) => {
      const { world } = await begin();
      const refused = world.orchestrator.instances.createMany({ ...create, name }, 10);
      await expect(refused).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    },
  );

  test('tells its progress now and then, not for each item', async () => {
    const { world, clock } = await begin({
      hosts: { local: { latency: { create: 10 } } },
      orchestrator: { concurrency: { work: 16, end: 8 } },
    });
    const { instances, operations, events } = world.orchestrator;
    const { id } = await instances.createMany({ ...create, name: 'web' }, 1_600);
    const told: number[] = [];
    events.subscribe(({ type, resource, data }) => {
      if (resource.id === id && type === 'operation.progress') told.push(data.done as number);
    });
    await clock.advance(2_000);
    expect(operations.get(id).done).toBe(1_600);
    // One second of creations, four reports a second.
    expect(told.length).toBeGreaterThanOrEqual(3);
    expect(told.length).toBeLessThanOrEqual(5);
    expect(told).toEqual([...told].sort((a, b) => a - b));
  });

  test('is refused when no name can be made of it', async () => {
    const { world } = await begin();
    const { instances } = world.orchestrator;
    await expect(
      instances.createMany({ ...create, name: 'x'.repeat(60) }, 1_000),
    ).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await expect(instances.createMany(create, 10_001)).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    });
  });
});
