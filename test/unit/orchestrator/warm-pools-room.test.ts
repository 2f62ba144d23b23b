// SPDX-License-Identifier: BSD-3-Clause
import { expect, test } from 'vitest';
import type { WarmPoolSpec } from '../../../src/orchestrator/index.js';
import { FakeClock, simImage, World } from '../../sim/index.js';

const MIB = 2 ** 20;
const HELLO = simImage('hello');
const REQUEST = { source: { image: HELLO.manifest.digest }, memoryBytes: 8 * MIB };
const TWO: WarmPoolSpec = { ...REQUEST, minimum: 2, maximum: 2 };
/** A sixteenth of the host, and 256 MiB at least, are its own. */
const FLOOR = 256 * MIB;

async function filled(memoryBytes: number): Promise<{ world: World; clock: FakeClock }> {
  const clock = new FakeClock();
  const world = World.prepare({ clock, images: [HELLO], hosts: { local: { memoryBytes } } });
  const started = world.start();
  await clock.advance(100);
  await started;
  await world.orchestrator.warmPools.put('web', TWO);
  await clock.advance(20_000);
  return { world, clock };
}

test('a host that is full still gives what waits on it', async () => {
  const { world, clock } = await filled(FLOOR + 16 * MIB);
  const { instances, hosts, warmPools } = world.orchestrator;
  expect(warmPools.get('web').ready).toBe(2);
  expect((await hosts.list())[0]).toMatchObject({ reservedBytes: 16 * MIB });
  for (let made = 0; made < 2; made++) {
    const { status } = await instances.create(REQUEST);
    expect(status.provisioning).toBe('warm');
  }
  await clock.advance(1_000);
  await expect(instances.create(REQUEST)).rejects.toMatchObject({ code: 'NO_CAPACITY' });
  expect(instances.counts().running).toBe(2);
  await world.stop();
});

test('what waits on a host that does not answer is not said to be ready', async () => {
  const { world, clock } = await filled(1024 * MIB);
  const { warmPools } = world.orchestrator;
  expect(warmPools.get('web').ready).toBe(2);
  world.host.goDown();
  await clock.advance(100);
  expect(warmPools.get('web').ready).toBe(0);
  world.host.comeUp();
  await clock.advance(5_000);
  expect(warmPools.get('web').ready).toBe(2);
  await world.stop();
});
