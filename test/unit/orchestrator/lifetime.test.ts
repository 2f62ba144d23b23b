// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, test } from 'vitest';
import { MemoryStateStore } from '../../../src/orchestrator/index.js';
import { FakeClock, simImage, World, type WorldOptions } from '../../sim/index.js';

const HELLO = simImage('hello');
const create = { source: { image: HELLO.manifest.digest } } as const;

async function begin(options: Partial<WorldOptions> = {}) {
  const clock = new FakeClock();
  const orchestrator = { random: () => 1 };
  const world = await World.start({ clock, images: [HELLO], orchestrator, ...options });
  return { clock, world };
}

const crash = (world: World, id: string) =>
  world.host.end(id, { reason: 'crashed', exitCode: null, message: 'panic' });

describe('restart policies', () => {
  test('on-failure with a limit: so many times, later and later, then no more', async () => {
    const { world, clock } = await begin();
    const { instances } = world.orchestrator;
    const { id } = await instances.create({
      ...create,
      restartPolicy: 'on-failure',
      restartLimit: 3,
    });
    await clock.advance(10);
    const waits: number[] = [];
    for (let restart = 1; restart <= 3; restart++) {
      crash(world, id);
      let waited = 0;
      while (instances.get(id).status.phase !== 'running') {
        await clock.advance(250);
        waited += 250;
      }
      waits.push(waited);
      expect(instances.get(id).status.restarts).toBe(restart);
    }
    expect(waits).toEqual([1_000, 2_000, 4_000]);
    crash(world, id);
    await clock.advance(600_000);
    expect(instances.get(id).status).toMatchObject({ phase: 'failed', restarts: 3 });
    // Who asks for it has it, and the count begins anew.
    await instances.restart(id);
    await clock.advance(10);
    crash(world, id);
    await clock.advance(1_000);
    expect(instances.get(id).status).toMatchObject({ phase: 'running', restarts: 5 });
  });

  test('a stable run resets the count, and SIGKILL does not', async () => {
    const { world, clock } = await begin();
    const limited = { ...create, restartPolicy: 'always', restartLimit: 2 } as const;
    const { id } = await world.orchestrator.instances.create(limited);
    await clock.advance(10);
    crash(world, id);
    await clock.advance(2_000);
    crash(world, id);
    await clock.advance(3_000);
    world.kill();
    await world.start();
    await clock.advance(10);
    crash(world, id);
    await clock.advance(600_000);
    const { instances } = world.orchestrator;
    expect(instances.get(id).status).toMatchObject({ phase: 'failed', restarts: 2 });

    await instances.restart(id);
    await clock.advance(10);
    for (let run = 0; run < 5; run++) {
      await clock.advance(70_000);
      crash(world, id);
      await clock.advance(10);
      expect(instances.get(id).status).toMatchObject({ phase: 'running', restarts: 4 + run });
    }
  });
});

describe('times to live', () => {
  test('it is deleted so long after its creation, whatever it does, and after SIGKILL too', async () => {
    const { world, clock } = await begin();
    const { id } = await world.orchestrator.instances.create({ ...create, ttlSeconds: 60 });
    const other = await world.orchestrator.instances.create(create);
    await clock.advance(20_000);
    world.kill();
    await clock.advance(20_000);
    await world.start();
    await clock.advance(19_000);
    const { instances } = world.orchestrator;
    expect(instances.get(id).status.phase).toBe('running');
    await clock.advance(1_100);
    expect(() => instances.get(id)).toThrow();
    expect([...world.host.domains.keys()]).toEqual([other.id]);
  });

  test('it is deleted so long after its end, but not while it is started again', async () => {
    const { world, clock } = await begin({
      hosts: { local: { guest: () => ({ does: 'exits', code: 0 }) } },
    });
    const { instances } = world.orchestrator;
    const ended = await instances.create({ ...create, ttlAfterFinishedSeconds: 30 });
    const again = await instances.create({
      ...create,
      ttlAfterFinishedSeconds: 30,
      restartPolicy: 'always',
    });
    await clock.advance(29_000);
    expect(instances.get(ended.id).status.phase).toBe('stopped');
    await clock.advance(300_000);
    expect(() => instances.get(ended.id)).toThrow();
    expect(instances.get(again.id).status.restarts).toBeGreaterThan(5);
  });

  test('a wall clock that jumps ends nothing early', async () => {
    class JumpyClock extends FakeClock {
      offset = 0;
      override now(): number {
        return super.now() + this.offset;
      }
    }
    const clock = new JumpyClock();
    const world = await World.start({ clock, images: [HELLO] });
    const { id } = await world.orchestrator.instances.create({ ...create, ttlSeconds: 3_600 });
    await clock.advance(10);
    clock.offset = 24 * 3_600_000;
    await clock.advance(60_000);
    expect(world.orchestrator.instances.get(id).status.phase).toBe('running');
    // Back to before it was made, and a new start: it lives its whole time from there.
    clock.offset = -24 * 3_600_000;
    world.kill();
    await world.start();
    await clock.advance(3_500_000);
    const { instances, events } = world.orchestrator;
    expect(instances.get(id).status.phase).toBe('running');
    await clock.advance(101_000);
    expect(() => instances.get(id)).toThrow();
    const seqs = events.read(0, 1_000).map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
  });
});

describe('a deletion with grace', () => {
  test('asks the guest to end, and takes its exit', async () => {
    const { world, clock } = await begin();
    const { instances } = world.orchestrator;
    const { id } = await instances.create(create);
    await clock.advance(10);
    await instances.delete(id, undefined, 30);
    await clock.advance(10);
    expect(() => instances.get(id)).toThrow();
    expect(world.host.calls).toMatchObject({ shutdown: 1, destroy: 1 });
  });

  test('ends a guest that does not listen when the time is over', async () => {
    const { world, clock } = await begin();
    const { instances } = world.orchestrator;
    const { id } = await instances.create({ ...create, name: 'deaf-1' });
    await clock.advance(10);
    await instances.delete(id, undefined, 30);
    await clock.advance(29_900);
    expect(instances.get(id).status.phase).toBe('stopping');
    expect(world.host.calls.destroy ?? 0).toBe(0);
    await clock.advance(200);
    expect(() => instances.get(id)).toThrow();
    expect(world.host.domains.size).toBe(0);
  });

  test('does not wait for one that cannot be asked, or is paused', async () => {
    const { world, clock } = await begin();
    const { instances } = world.orchestrator;
    const deaf = await instances.create({ ...create, name: 'deaf-1' });
    const paused = await instances.create({ ...create, paused: true });
    await clock.advance(10);
    world.host.faults.push({ call: 'shutdown', code: 'DRIVER_UNSUPPORTED', after: false });
    await instances.delete(deaf.id, undefined, 30);
    await instances.delete(paused.id, undefined, 30);
    await clock.advance(10);
    expect(world.host.domains.size).toBe(0);
  });
});

describe('deadlines of one instance', () => {
  test('for reaching main', async () => {
    const { world, clock } = await begin({
      hosts: { local: { guest: () => ({ does: 'hangs' }) } },
    });
    const { instances } = world.orchestrator;
    const { id } = await instances.create({ ...create, deadlines: { bootSeconds: 3 } });
    await clock.advance(2_900);
    expect(instances.get(id).status.phase).toBe('booting');
    await clock.advance(1_000);
    const { phase, conditions } = instances.get(id).status;
    expect(phase).toBe('failed');
    const ready = conditions.find(({ type }) => type === 'Ready');
    expect(ready).toMatchObject({ reason: 'BootDeadline' });
    expect(ready?.message).toContain('within 3 s');
  });

  test('for being created', async () => {
    const { world, clock } = await begin();
    const { instances } = world.orchestrator;
    for (let i = 0; i < 50; i++) {
      world.host.faults.push({ call: 'create', code: 'HOST_UNAVAILABLE', after: false });
    }
    const { id } = await instances.create({ ...create, deadlines: { startSeconds: 5 } });
    await clock.advance(60_000);
    const { phase, conditions } = instances.get(id).status;
    expect(phase).toBe('failed');
    expect(conditions.find(({ type }) => type === 'Ready')?.reason).toBe('StartDeadline');
    expect(world.host.domains.size).toBe(0);
  });
});

describe('an update', () => {
  test('merges labels, changes policies and times, and is seen', async () => {
    const { world, clock } = await begin();
    const { instances } = world.orchestrator;
    const { id } = await instances.create({ ...create, labels: { app: 'web', tier: 'one' } });
    await clock.advance(10);
    const updated = await instances.update(id, {
      labels: { tier: null, colour: 'blue' },
      restartPolicy: 'always',
      ttlSeconds: 60,
    });
    expect(updated).toMatchObject({
      generation: 2,
      spec: { labels: { app: 'web', colour: 'blue' }, restartPolicy: 'always', ttlSeconds: 60 },
    });
    expect(updated.spec.labels).not.toHaveProperty('tier');
    await clock.advance(10);
    expect(instances.get(id).status.observedGeneration).toBe(2);
    expect(instances.list({ selector: 'colour=blue' }).items).toHaveLength(1);
    // Nothing to change is no change.
    expect((await instances.update(id, { ttlSeconds: 60 })).generation).toBe(2);
    await instances.update(id, { ttlSeconds: null });
    await clock.advance(120_000);
    expect(instances.get(id).status.phase).toBe('running');
  });

  test('is refused for another generation, for bad labels, and for what is being deleted', async () => {
    const { world, clock } = await begin({
      hosts: { local: { latency: { destroy: 100 } } },
      store: new MemoryStateStore(),
    });
    const { instances } = world.orchestrator;
    const { id } = await instances.create(create);
    await clock.advance(10);
    await expect(instances.update(id, { ttlSeconds: 1 }, 7)).rejects.toMatchObject({
      code: 'GENERATION_MISMATCH',
    });
    const many = Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`l${i}`, '']));
    await expect(instances.update(id, { labels: many })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    });
    await instances.delete(id);
    await expect(instances.update(id, { ttlSeconds: 1 })).rejects.toMatchObject({
      code: 'INVALID_PHASE',
    });
  });
});
