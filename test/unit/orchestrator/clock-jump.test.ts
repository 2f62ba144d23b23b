// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, test } from 'vitest';
import { FakeClock, simImage, World } from '../../sim/index.js';

const HELLO = simImage('hello');
const create = { source: { image: HELLO.manifest.digest } } as const;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

async function begin() {
  const clock = new FakeClock();
  const orchestrator = { random: () => 0.5 };
  const world = await World.start({ clock, images: [HELLO], orchestrator });
  return { clock, world };
}

async function comeBack(world: World, clock: FakeClock): Promise<void> {
  world.kill();
  await world.start();
  await clock.advance(10);
}

const exists = (world: World, id: string): boolean =>
  world.orchestrator.instances.list({ limit: 500 }).items.some((item) => item.id === id);

describe.each([
  ['forwards', 30 * DAY],
  ['backwards', -30 * DAY],
])('a clock that is set %s', (_direction, jump) => {
  test('neither shortens nor lengthens lives, delays and deadlines', async () => {
    const { clock, world } = await begin();
    const { instances } = world.orchestrator;
    const short = await instances.create({ ...create, ttlSeconds: 60 });
    const restarted = await instances.create({ ...create, restartPolicy: 'always' });
    const finished = await instances.create({ ...create, ttlAfterFinishedSeconds: 60 });
    await clock.advance(30_000);
    const exit = { reason: 'crashed', exitCode: null, message: '' } as const;
    world.host.end(restarted.id, exit);
    world.host.end(finished.id, exit);
    clock.jump(jump);
    await clock.advance(20_000);
    expect(instances.get(restarted.id).status).toMatchObject({ phase: 'running', restarts: 1 });
    expect([exists(world, short.id), exists(world, finished.id)]).toEqual([true, true]);
    await clock.advance(20_000);
    expect([exists(world, short.id), exists(world, finished.id)]).toEqual([false, true]);
    await clock.advance(30_000);
    expect(exists(world, finished.id)).toBe(false);
  });

  test('keeps answers under their keys for a day', async () => {
    const { clock, world } = await begin();
    const answer = { fingerprint: 'f', status: 201, location: null, body: '{}' };
    await world.orchestrator.answers.save('key', answer);
    clock.jump(jump);
    await clock.advance(23 * HOUR);
    expect(await world.orchestrator.answers.load('key')).toEqual(answer);
    await clock.advance(2 * HOUR);
    expect(await world.orchestrator.answers.load('key')).toBe(null);
  });

  test('leaves events in order, each with its number', async () => {
    const { clock, world } = await begin();
    const { instances, events } = world.orchestrator;
    await instances.create(create);
    await clock.advance(10);
    const before = events.lastSeq;
    clock.jump(jump);
    await instances.create(create);
    await clock.advance(10);
    const after = events.read(before, 100);
    expect(after.length).toBeGreaterThan(0);
    expect(after.map(({ seq }) => seq)).toEqual(after.map((_, index) => before + 1 + index));
    await comeBack(world, clock);
    expect(world.orchestrator.events.read(before, 100).slice(0, after.length)).toEqual(after);
  });

  test('lets warm pools and hosts go on', async () => {
    const { clock, world } = await begin();
    const { warmPools, hosts } = world.orchestrator;
    await warmPools.put('web', { ...create, minimum: 2, maximum: 2 });
    clock.jump(jump);
    await clock.advance(10_000);
    expect(warmPools.get('web').ready).toBe(2);
    expect((await hosts.list())[0]?.state).toBe('up');
  });
});

test('one that was set back while the daemon was away begins lives again, and ends them', async () => {
  const { clock, world } = await begin();
  const { id } = await world.orchestrator.instances.create({ ...create, ttlSeconds: 60 });
  const answer = { fingerprint: 'f', status: 201, location: null, body: '{}' };
  await world.orchestrator.answers.save('key', answer);
  await clock.advance(30_000);
  clock.jump(-30 * DAY);
  await comeBack(world, clock);
  await clock.advance(50_000);
  expect(exists(world, id)).toBe(true);
  await clock.advance(20_000);
  expect(exists(world, id)).toBe(false);
  expect(await world.orchestrator.answers.load('key')).toEqual(answer);
  await clock.advance(DAY);
  expect(await world.orchestrator.answers.load('key')).toBe(null);
});
