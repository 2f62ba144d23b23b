// SPDX-License-Identifier: BSD-3-Clause
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CreateInstance, WarmPoolSpec } from '../../../src/orchestrator/index.js';
import { Demand } from '../../../src/orchestrator/pools/sizing.js';
import { FakeClock, simImage, World, type SimHostOptions } from '../../sim/index.js';

const MIB = 2 ** 20;
const MEMORY = 8 * MIB;
const HELLO = simImage('hello');
const NEWER = simImage('newer', { app: 'hello' });
const source = { image: HELLO.manifest.digest };
const request: CreateInstance = { source, memoryBytes: MEMORY };
const of = (size: number): WarmPoolSpec => ({
  source,
  memoryBytes: MEMORY,
  minimum: size,
  maximum: size,
});

interface Bed {
  readonly world: World;
  readonly clock: FakeClock;
}

async function begin(host: Omit<SimHostOptions, 'clock'> = {}, random = 0.5): Promise<Bed> {
  const clock = new FakeClock();
  const world = World.prepare({
    clock,
    images: [HELLO, NEWER],
    hosts: { local: host },
    orchestrator: { random: () => random },
  });
  const started = world.start();
  await clock.advance(100);
  await started;
  return { world, clock };
}

async function filled(size: number, host: Omit<SimHostOptions, 'clock'> = {}): Promise<Bed> {
  const bed = await begin(host);
  await bed.world.orchestrator.warmPools.put('web', of(size));
  await bed.clock.advance(20_000);
  expect(bed.world.orchestrator.warmPools.get('web')).toMatchObject({ ready: size, warming: 0 });
  return bed;
}

describe('a warm pool', () => {
  test('gives an instance a guest that waits, and makes another', async () => {
    const { world, clock } = await filled(2);
    const { instances, warmPools } = world.orchestrator;
    const args = ['--port', '80'];
    const made = await instances.create({ ...request, name: 'web-1', args });
    expect(made.status).toMatchObject({ provisioning: 'warm' });
    await clock.advance(10);
    expect(instances.get(made.id).status).toMatchObject({ phase: 'running', provisioning: 'warm' });
    expect(instances.get(made.id).status.timings).toHaveProperty('claimed');
    expect(world.host.domains.get(made.id)?.claims).toEqual([{ name: 'web-1', args }]);
    await clock.advance(5_000);
    expect(warmPools.get('web')).toMatchObject({ ready: 2, hits: 1, misses: 0 });
    expect(warmPools.get('web').condition.reason).toBe('Full');
    expect(instances.list({}).items).toHaveLength(1);
  });

  test('that has none lets the instance be created, and says so', async () => {
    const { world, clock } = await begin({ latency: { create: 50 } });
    const { instances, warmPools } = world.orchestrator;
    await warmPools.put('web', of(1));
    const made = await instances.create(request);
    expect(made.status.provisioning).toBe('cold');
    await clock.advance(1_000);
    expect(warmPools.get('web')).toMatchObject({ hits: 0, misses: 1 });
  });

  test.each([
    ['another size', { memoryBytes: 2 * MEMORY }],
    ['another image', { source: { image: NEWER.manifest.digest } }],
    ['a cold start', { provisioning: 'cold' }],
    ['a paused start', { paused: true }],
    ['arguments that are too long', { args: ['x'.repeat(2_000)] }],
  ] as const)('is not for %s', async (_what, changes) => {
    const { world, clock } = await filled(1);
    const made = await world.orchestrator.instances.create({ ...request, ...changes });
    expect(made.status.provisioning).toBe('cold');
    await clock.advance(1_000);
    expect(world.orchestrator.warmPools.get('web').ready).toBe(1);
  });

  test('of paused guests is for the same arguments, and resumes them', async () => {
    const { world, clock } = await begin();
    const { instances, warmPools } = world.orchestrator;
    await warmPools.put('web', { ...of(1), warmth: 'created', args: ['a'] });
    await clock.advance(5_000);
    const other = await instances.create({ ...request, args: ['b'] });
    expect(other.status.provisioning).toBe('cold');
    const same = await instances.create({ ...request, args: ['a'] });
    await clock.advance(10);
    expect(instances.get(same.id).status).toMatchObject({ phase: 'running', provisioning: 'warm' });
  });

  test('hands no guest out twice, whoever asks at the same time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(6),
        fc.array(fc.nat(3), { minLength: 1, maxLength: 12 }),
        fc.constantFrom({}, { claim: 3 }, { create: 5, claim: 2, event: 3 }),
        async (size, pauses, latency) => {
          const { world, clock } = await filled(size, { latency });
          const { instances } = world.orchestrator;
          const asked: Promise<{ readonly id: string }>[] = [];
          for (const pause of pauses) {
            asked.push(instances.create(request));
            if (pause > 1) await clock.advance(pause);
          }
          await clock.advance(20_000);
          const made = await Promise.all(asked);
          expect(new Set(made.map(({ id }) => id)).size).toBe(pauses.length);
          for (const { id } of made) expect(instances.get(id).status.phase).toBe('running');
          expect(world.host.violations).toEqual([]);
          expect(world.orchestrator.warmPools.get('web').ready).toBe(size);
          await world.stop();
        },
      ),
      { numRuns: 20 },
    );
  });

  test('whose guest dies between the claim and the call lets the instance start cold', async () => {
    const { world, clock } = await filled(1, { latency: { claim: 5 } });
    const { instances } = world.orchestrator;
    const made = await instances.create(request);
    world.host.end(made.id, { reason: 'crashed', exitCode: null, message: 'killed' });
    await clock.advance(5_000);
    expect(instances.get(made.id).status).toMatchObject({ phase: 'running', provisioning: 'cold' });
  });
});

describe('after SIGKILL', () => {
  test('guests are found again, and none is made in their place', async () => {
    const { world, clock } = await filled(3);
    const before = [...world.host.domains.keys()].sort();
    world.kill();
    await world.start();
    await clock.advance(5_000);
    expect([...world.host.domains.keys()].sort()).toEqual(before);
    expect(world.orchestrator.warmPools.get('web').ready).toBe(3);
    const made = await world.orchestrator.instances.create(request);
    expect(made.status.provisioning).toBe('warm');
  });

  test.each([0, 1, 2, 3, 4, 6, 10])(
    '%i ms after a request, nothing is lost, leaked or given twice',
    async (wait) => {
      for (const commit of ['before-write', 'after-write'] as const) {
        const { world, clock } = await filled(2, { latency: { claim: 2, create: 2, list: 1 } });
        const answered: string[] = [];
        for (let i = 0; i < 3; i++) {
          void world.orchestrator.instances
            .create(request)
            .then(({ id }) => answered.push(id))
            .catch(() => undefined);
        }
        await clock.advance(wait);
        world.kill(commit);
        const started = world.start();
        // What the dead one had asked for may come after the first list; the next one, a minute later, shows it.
        await clock.advance(90_000);
        await started;
        const { instances, warmPools } = world.orchestrator;
        const items = instances.list({}).items;
        for (const id of answered) expect(items.map((item) => item.id)).toContain(id);
        for (const { status } of items) expect(status.phase).toBe('running');
        expect(warmPools.get('web').ready).toBe(2);
        expect(world.host.domains.size).toBe(items.length + 2);
        expect(world.host.violations).toEqual([]);
        await world.stop();
      }
    },
  );
});

describe('room', () => {
  // A quarter of a gibibyte is the host's own.
  const host = { memoryBytes: (256 + 32) * MIB };

  test('is not taken beyond what the host has, and requests come first', async () => {
    const { world, clock } = await begin(host);
    const { instances, warmPools } = world.orchestrator;
    await warmPools.put('web', of(10));
    await clock.advance(60_000);
    expect(warmPools.get('web')).toMatchObject({ ready: 4, condition: { reason: 'NoCapacity' } });
    const asked = instances.create({ source, memoryBytes: 16 * MIB });
    await clock.advance(1_000);
    const made = await asked;
    expect(instances.get(made.id).status.phase).toBe('running');
    await clock.advance(60_000);
    expect(warmPools.get('web').ready).toBe(2);
    expect(world.host.violations).toEqual([]);
  });

  test('of a claimed guest is the instance’s, and is given back with it', async () => {
    const { world, clock } = await filled(4, host);
    const { instances, warmPools } = world.orchestrator;
    const made = await instances.create(request);
    await clock.advance(1_000);
    await instances.delete(made.id);
    await clock.advance(10_000);
    expect(warmPools.get('web').ready).toBe(4);
    await warmPools.delete('web');
    await clock.advance(1_000);
    expect(world.host.domains.size).toBe(0);
    await instances.create({ source, memoryBytes: 32 * MIB });
  });
});

describe('changes', () => {
  test('of the shape or the size replace guests; deletion drains', async () => {
    const { world, clock } = await filled(2);
    const { warmPools } = world.orchestrator;
    const before = new Set(world.host.domains.keys());
    await warmPools.put('web', { ...of(1), memoryBytes: 2 * MEMORY });
    await clock.advance(60_000);
    const after = [...world.host.domains.values()];
    expect(after.map(({ spec }) => spec.memoryBytes)).toEqual([2 * MEMORY]);
    expect(after.some(({ spec }) => before.has(spec.id))).toBe(false);
    await warmPools.delete('web');
    await clock.advance(1_000);
    expect(world.host.domains.size).toBe(0);
    expect(() => warmPools.get('web')).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_WARM_POOL' }),
    );
  });

  test('a refill that fails is tried again later, and says what is wrong', async () => {
    const { world, clock } = await begin();
    const fault = { call: 'create', code: 'DRIVER_FAILED', after: false } as const;
    world.host.faults.push(fault, fault, fault);
    const { warmPools } = world.orchestrator;
    await warmPools.put('web', of(1));
    await clock.advance(1);
    expect(warmPools.get('web').condition.reason).toBe('RefillFailed');
    await clock.advance(60_000);
    expect(warmPools.get('web')).toMatchObject({ ready: 1, condition: { reason: 'Full' } });
  });

  test.each([
    ['max', { minimum: 3, maximum: 2 }],
    ['min', { minimum: -1, maximum: 2 }],
    ['max', { minimum: 0, maximum: 1_001 }],
    ['args', { minimum: 0, maximum: 1, warmth: 'booted', args: ['x'] }],
  ] as const)('with a bad %s are refused', async (path, changes) => {
    const { world } = await begin();
    await expect(
      world.orchestrator.warmPools.put('web', { source, ...changes }),
    ).rejects.toMatchObject({ code: 'INVALID_REQUEST', errors: [{ path }] });
  });
});

describe('the refill', () => {
  test('has a share of what a host does at the same time, and waits for requests', async () => {
    const { world, clock } = await begin({ latency: { create: 100 } });
    const { instances, warmPools } = world.orchestrator;
    await warmPools.put('web', of(20));
    await clock.advance(50);
    const [host] = await world.orchestrator.hosts.list();
    const most = host!.concurrency;
    expect(world.host.domains.size).toBe(0);
    expect(world.host.calls.create).toBeLessThanOrEqual(Math.max(1, most / 4));
    // Requests fill the rest, and more of them wait: pools make none until they are through.
    await instances.createMany({ ...request, provisioning: 'cold' }, 200);
    await clock.advance(100);
    const pooled = () =>
      [...world.host.domains.values()].filter(({ spec }) => spec.name.startsWith('pool-')).length;
    const before = pooled();
    while (instances.counts().running < 150) await clock.advance(100);
    expect(pooled()).toBe(before);
    await clock.advance(60_000);
    expect(pooled()).toBe(20);
    expect(world.host.peak.create).toBeLessThanOrEqual(64);
  });

  test('takes each time another pool first', async () => {
    const firsts = new Set<string | undefined>();
    for (const random of [0, 0.3, 0.6, 0.9]) {
      const { world, clock } = await begin({ latency: { create: 100 } }, random);
      const { warmPools } = world.orchestrator;
      await Promise.all(['a', 'b', 'c', 'd'].map((name) => warmPools.put(name, of(1))));
      await clock.advance(110);
      firsts.add([...world.host.domains.values()][0]?.spec.name.slice(0, 6));
      await clock.advance(60_000);
      expect(warmPools.list().map(({ ready }) => ready)).toEqual([1, 1, 1, 1]);
    }
    expect(firsts.size).toBe(4);
  });

  test('of what is on a host that is down is made on another, and given back later', async () => {
    const clock = new FakeClock();
    const hosts = { one: {}, two: {} };
    const world = await World.start({ clock, images: [HELLO], hosts });
    const { warmPools, instances } = world.orchestrator;
    await warmPools.put('web', of(4));
    await clock.advance(20_000);
    const { one, two } = Object.fromEntries(world.hosts);
    expect([one?.domains.size, two?.domains.size]).toEqual([2, 2]);
    one?.goDown();
    await clock.advance(20_000);
    expect(two?.domains.size).toBe(4);
    expect((await instances.create(request)).status.provisioning).toBe('warm');
    one?.comeUp();
    await clock.advance(120_000);
    expect(warmPools.get('web').ready).toBe(4);
    expect((one?.domains.size ?? 0) + (two?.domains.size ?? 0)).toBe(5);
  });
});

describe('an application that is built anew', () => {
  const app = { app: 'hello', target: 'sim-x86_64', symbols: {} } as const;
  const built = (world: World, phase: string, images: readonly string[]): void =>
    world.orchestrator.events.append({
      type: 'build.finished',
      resource: { kind: 'build', id: 'b' },
      data: { app: 'hello', phase, images },
    });

  test('replaces the guests of its pools without a request', async () => {
    const { world, clock } = await begin();
    const { warmPools } = world.orchestrator;
    await warmPools.put('web', { ...of(2), source: app });
    await clock.advance(20_000);
    const before = new Set(world.host.domains.keys());
    world.builds.set('hello', NEWER);
    built(world, 'failed', []);
    await clock.advance(20_000);
    expect(warmPools.get('web').image).toBe(HELLO.manifest.digest);
    built(world, 'succeeded', [NEWER.manifest.digest]);
    await clock.advance(20_000);
    expect(warmPools.get('web')).toMatchObject({ image: NEWER.manifest.digest, ready: 2 });
    expect([...world.host.domains.keys()].some((id) => before.has(id))).toBe(false);
  });

  test('for another configuration leaves them', async () => {
    const { world, clock } = await begin();
    const { warmPools } = world.orchestrator;
    await warmPools.put('web', { ...of(1), source: app });
    await clock.advance(20_000);
    // What the pool's own request leads to is as before.
    built(world, 'succeeded', [NEWER.manifest.digest]);
    await clock.advance(20_000);
    expect(warmPools.get('web')).toMatchObject({ image: HELLO.manifest.digest, ready: 1 });
  });
});

describe('a quota', () => {
  test('is not used up by what waits in a pool, and is by what is claimed', async () => {
    const { world, clock } = await filled(3);
    const { instances, warmPools } = world.orchestrator;
    const client = { name: 'anna', quota: { instances: 1 } };
    expect(instances.usageOf('anna').instances).toBe(0);
    const made = await instances.create({ ...request, client });
    expect(made).toMatchObject({ owner: 'anna', status: { provisioning: 'warm' } });
    expect(instances.usageOf('anna').instances).toBe(1);
    await clock.advance(20_000);
    await expect(instances.create({ ...request, client })).rejects.toMatchObject({
      code: 'QUOTA_EXCEEDED',
    });
    expect(warmPools.get('web')).toMatchObject({ ready: 3, hits: 1 });
    expect(instances.usageOf('anna').instances).toBe(1);
  });
});

describe('the size', () => {
  test('follows how many come while one is made, within its bounds', () => {
    const demand = new Demand();
    expect(demand.target(0, 2, 50)).toBe(2);
    // Ten a second for five minutes, each of which takes two seconds to make.
    let now = 0;
    for (; now < 300_000; now += 100) {
      demand.arrived(now);
      demand.created(2);
    }
    expect(demand.rate(now)).toBeCloseTo(10, 0);
    const expected = 20;
    expect(demand.target(now, 2, 50)).toBeGreaterThanOrEqual(expected);
    expect(demand.target(now, 2, 50)).toBeLessThanOrEqual(expected + 2 * Math.sqrt(expected) + 2);
    expect(demand.target(now, 2, 8)).toBe(8);
    expect(demand.target(now + 3_600_000, 2, 50)).toBe(2);
  });

  test('grows with requests and shrinks when they end', async () => {
    const { world, clock } = await begin({ latency: { create: 2_000 } });
    const { instances, warmPools } = world.orchestrator;
    await warmPools.put('web', { ...of(0), maximum: 6 });
    for (let i = 0; i < 60; i++) {
      await instances.create(request);
      await clock.advance(500);
    }
    await clock.advance(20_000);
    expect(warmPools.get('web').ready).toBeGreaterThan(1);
    await clock.advance(1_200_000);
    expect(warmPools.get('web')).toMatchObject({ target: 0, ready: 0 });
  });
});
