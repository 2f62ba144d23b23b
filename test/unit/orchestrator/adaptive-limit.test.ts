// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, test } from 'vitest';
import { AdaptiveLimit } from '../../../src/orchestrator/hosts/adaptive-limit.js';
import { FakeClock, simImage, World, type SimHostOptions } from '../../sim/index.js';

const HELLO = simImage('hello');
const create = { source: { image: HELLO.manifest.digest } } as const;
const OPTIONS = { initial: 16, least: 2, most: 64 };

describe('the limit', () => {
  const feed = (limit: AdaptiveLimit, calls: number, milliseconds: (n: number) => number) => {
    for (let i = 0; i < calls; i++) {
      const underWay = limit.limit;
      limit.succeeded(milliseconds(underWay), underWay);
    }
  };

  test('grows while more at the same time takes no longer', () => {
    const limit = new AdaptiveLimit(OPTIONS);
    feed(limit, 2_000, () => 50);
    expect(limit.limit).toBe(64);
  });

  test('shrinks where calls wait for one another, to a few, and does not creep up again', () => {
    const limit = new AdaptiveLimit(OPTIONS);
    const seen: number[] = [];
    for (let i = 0; i < 20; i++) {
      feed(limit, 1_000, (underWay) => 50 * Math.max(1, underWay / 2));
      seen.push(limit.limit);
    }
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(2);
    expect(Math.max(...seen)).toBeLessThanOrEqual(8);
  });

  test('does not grow while there is little to do', () => {
    const limit = new AdaptiveLimit(OPTIONS);
    for (let i = 0; i < 500; i++) limit.succeeded(50, 1);
    expect(limit.limit).toBe(16);
  });

  test('is halved by overload, once until something succeeds', () => {
    const limit = new AdaptiveLimit(OPTIONS);
    feed(limit, 4, () => 50);
    expect(limit.limit).toBe(16);
    for (let i = 0; i < 10; i++) limit.overloaded();
    expect(limit.limit).toBe(8);
    limit.succeeded(50, 8);
    limit.overloaded();
    expect(limit.limit).toBe(4);
  });
});

test('a host that becomes slow is given less, and more when it has recovered', async () => {
  const clock = new FakeClock();
  const latency: NonNullable<SimHostOptions['latency']> = { create: 20 };
  const world = await World.start({ clock, images: [HELLO], hosts: { local: { latency } } });
  const { instances, hosts } = world.orchestrator;
  const limit = async () => (await hosts.get('local')).concurrency;

  const fill = async (name: string) => {
    await instances.createMany({ ...create, name }, 1_000);
    await clock.advance(1_000);
  };
  await fill('fast');
  const before = await limit();
  expect(before).toBeGreaterThan(16);

  // Four at the same time are as much as it can do: what is more waits.
  latency.create = (underWay) => 20 * Math.max(1, underWay / 4);
  await fill('slow');
  await clock.advance(5_000);
  const slow = await limit();
  expect(slow).toBeLessThan(before / 2);
  expect(slow).toBeGreaterThanOrEqual(4);

  latency.create = 20;
  await fill('again');
  await fill('and-again');
  expect(await limit()).toBeGreaterThan(before / 2);
  expect(instances.counts().running).toBe(4_000);
});
