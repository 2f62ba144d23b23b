// SPDX-License-Identifier: BSD-3-Clause
import { afterEach, describe, expect, test } from 'vitest';
import type { Instance } from '../../../src/orchestrator/index.js';
import {
  FakeClock,
  settle,
  simImage,
  World,
  type SimGuest,
  type WorldOptions,
} from '../../sim/index.js';

const HELLO = simImage('hello');
const image = HELLO.manifest.digest;
const create = { source: { image } } as const;

let clock = new FakeClock();
let world: World;

async function begin(options: Partial<WorldOptions> = {}): Promise<World> {
  clock = new FakeClock();
  world = World.prepare({ clock, images: [HELLO], ...options });
  const started = world.start();
  await clock.advance(100);
  await started;
  return world;
}

function guests(guest: SimGuest): Partial<WorldOptions> {
  return { hosts: { local: { guest: () => guest } } };
}

function reasonOf(instance: Instance, type: string): string | undefined {
  return instance.status.conditions.find((each) => each.type === type)?.reason;
}

const instances = () => world.orchestrator.instances;

async function run(changes: object = {}): Promise<Instance> {
  const accepted = await instances().create({ ...create, ...changes });
  await clock.advance(10);
  return instances().get(accepted.id);
}

afterEach(async () => {
  expect(world.host.violations).toEqual([]);
  const stopped = world.stop();
  await clock.advance(20_000);
  await stopped;
});

describe('one instance', () => {
  test('is accepted, created and runs when the guest says so', async () => {
    await begin({ hosts: { local: { latency: { create: 5, boot: 3 } } } });
    const accepted = await instances().create(create);
    expect(accepted.name).toMatch(/^hello-[a-z0-9]{6}$/);
    await settle();
    expect(instances().get(accepted.id).status.phase).toBe('creating');
    await clock.advance(5);
    expect(instances().get(accepted.id).status.phase).toBe('booting');
    await clock.advance(3);
    const running = instances().get(accepted.id);
    expect(running.status).toMatchObject({
      phase: 'running',
      observedGeneration: 1,
      readiness: 'guest',
      bootNanoseconds: 1_000_000,
    });
    expect(Object.keys(running.status.timings).sort()).toEqual(
      ['accepted', 'admitted', 'created', 'ready', 'unpaused'].sort(),
    );
    expect(instances().counts()).toMatchObject({ running: 1, pending: 0, creating: 0 });
  });

  test('of an image that cannot speak runs when the hypervisor runs it', async () => {
    const silent = simImage('silent', { reportsReady: false });
    await begin({ images: [silent], ...guests({ does: 'hangs' }) });
    const instance = await run({ source: { image: silent.manifest.digest } });
    expect(instance.status).toMatchObject({ phase: 'running', readiness: 'hypervisor' });
  });

  test('that ends by itself has stopped, with its exit code', async () => {
    await begin(guests({ does: 'exits', code: 3 }));
    const instance = await run();
    expect(instance.status).toMatchObject({ phase: 'stopped', exitCode: 3 });
    expect(reasonOf(instance, 'Ready')).toBe('Exited');
  });

  test('that crashes has failed', async () => {
    await begin(guests({ does: 'crashes' }));
    const instance = await run();
    expect(instance.status.phase).toBe('failed');
    expect(reasonOf(instance, 'Ready')).toBe('Crashed');
  });

  test('that does not reach main in time has failed, says what it printed, and leaves no domain', async () => {
    await begin({
      ...guests({ does: 'hangs' }),
      orchestrator: { limits: { bootMilliseconds: 5_000 } },
    });
    const { id } = await run();
    expect(instances().get(id).status.phase).toBe('booting');
    await clock.advance(6_000);
    const failed = instances().get(id);
    expect(failed.status.phase).toBe('failed');
    const ready = failed.status.conditions.find(({ type }) => type === 'Ready');
    expect(ready?.reason).toBe('BootDeadline');
    expect(ready?.message).toContain('waiting for a device that is not there');
    expect(world.host.domains.size).toBe(0);
  });

  test('is deleted with its domain, its name and its events', async () => {
    await begin();
    const { id } = await run({ name: 'web' });
    const gone = instances().waitUntil(id, () => false);
    const accepted = await instances().delete(id);
    expect(accepted.spec.desired).toBe('deleted');
    await clock.advance(10);
    expect(await gone).toBeNull();
    expect(() => instances().get(id)).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_INSTANCE' }),
    );
    expect(world.host.domains.size).toBe(0);
    expect((await run({ name: 'web' })).name).toBe('web');
    const types = world.orchestrator.events
      .read(0, 100)
      .filter(({ resource }) => resource.id === id)
      .map(({ type, data }) => (type === 'instance.phase' ? data.phase : type));
    expect(types).toEqual([
      'pending',
      'creating',
      'running',
      'instance.spec',
      'stopping',
      'stopped',
      'instance.deleted',
    ]);
  });

  test('is refused under a name that is taken, until the other is gone', async () => {
    await begin();
    await run({ name: 'web' });
    await expect(instances().create({ ...create, name: 'web' })).rejects.toMatchObject({
      code: 'NAME_TAKEN',
    });
  });

  test('of a request that has been answered is that instance, until it is gone', async () => {
    await begin();
    const request = { ...create, requestId: 'r' };
    const first = await run(request);
    expect((await instances().create(request)).id).toBe(first.id);
    expect(world.host.domains.size).toBe(1);
    await instances().delete(first.id);
    await clock.advance(10);
    expect((await instances().create(request)).id).not.toBe(first.id);
  });

  test('pauses and resumes', async () => {
    await begin();
    const { id } = await run();
    expect((await instances().pause(id)).generation).toBe(2);
    await clock.advance(10);
    expect(instances().get(id).status).toMatchObject({ phase: 'paused', observedGeneration: 2 });
    expect(world.host.domains.get(id)?.state).toBe('paused');
    await instances().resume(id);
    await clock.advance(10);
    expect(instances().get(id).status).toMatchObject({ phase: 'running', observedGeneration: 3 });
  });

  test('can be created paused, and has its boot deadline from the resume', async () => {
    await begin();
    const { id, status } = await run({ paused: true });
    expect(status.phase).toBe('paused');
    await clock.advance(600_000);
    expect(instances().get(id).status.phase).toBe('paused');
    await instances().resume(id);
    await clock.advance(10);
    expect(instances().get(id).status.phase).toBe('running');
  });

  test('restarts on request, and is never seen as ended on the way', async () => {
    await begin({ hosts: { local: { latency: { destroy: 5, create: 5 } } } });
    const { id } = await run();
    const seen: string[] = [];
    world.orchestrator.events.subscribe(({ data }) => seen.push(String(data.phase)));
    await instances().restart(id);
    await clock.advance(100);
    expect(instances().get(id).status).toMatchObject({ phase: 'running', restarts: 1 });
    expect(seen.filter((each) => each !== 'undefined')).toEqual([
      'stopping',
      'pending',
      'creating',
      'running',
    ]);
    expect(world.host.calls).toMatchObject({ create: 2, destroy: 1 });
  });

  test('restarts although the end of its last domain is heard of late', async () => {
    await begin({ hosts: { local: { latency: { create: 2, event: 5 } } } });
    const { id } = await run();
    await instances().restart(id);
    await clock.advance(1_000);
    expect(instances().get(id).status).toMatchObject({ phase: 'running', restarts: 1 });
    // Its own end is heard again.
    world.host.end(id, { reason: 'destroyed', exitCode: null, message: 'virsh destroy' });
    await clock.advance(10);
    expect(instances().get(id).status.phase).toBe('stopped');
  });

  test('that has ended restarts on request', async () => {
    await begin(guests({ does: 'exits', code: 0 }));
    const { id } = await run();
    const answered = await instances().restart(id);
    expect(answered.status).toMatchObject({ phase: 'pending', exitCode: null, restarts: 1 });
    await clock.advance(10);
    expect(instances().get(id).status).toMatchObject({ phase: 'stopped', exitCode: 0 });
    expect(world.host.calls.create).toBe(2);
  });

  test('restarts by policy with a back-off that grows', async () => {
    await begin({ ...guests({ does: 'crashes' }), orchestrator: { random: () => 1 } });
    const { id } = await run({ restartPolicy: 'on-failure' });
    const restarts = () => instances().get(id).status.restarts;
    expect(restarts()).toBe(0);
    await clock.advance(1_000);
    expect(restarts()).toBe(1);
    await clock.advance(1_900);
    expect(restarts()).toBe(1);
    await clock.advance(200);
    expect(restarts()).toBe(2);
  });

  test('with exit code 0 does not restart on failure, and with always it does', async () => {
    await begin(guests({ does: 'exits', code: 0 }));
    const once = await run({ restartPolicy: 'on-failure' });
    const always = await run({ restartPolicy: 'always' });
    await clock.advance(10_000);
    expect(instances().get(once.id).status.restarts).toBe(0);
    expect(instances().get(always.id).status.restarts).toBeGreaterThan(0);
  });

  test('is not said to be deleted by the second who asks before it is written for the first', async () => {
    await begin();
    const { id } = await run();
    const order: string[] = [];
    const write = world.store.commit.bind(world.store);
    world.store.commit = async (changes, durable) => {
      await write(changes, durable);
      if (changes.some(({ type }) => type === 'put-definition')) order.push('written');
    };
    const both = [instances().delete(id), instances().delete(id)].map((each) =>
      each.then(() => order.push('answered')),
    );
    await Promise.all(both);
    expect(order).toEqual(['written', 'answered', 'answered']);
  });

  test('is refused by its generation', async () => {
    await begin();
    const { id } = await run();
    await expect(instances().delete(id, 7)).rejects.toMatchObject({ code: 'GENERATION_MISMATCH' });
    await instances().delete(id, 1);
  });
});

describe('trouble', () => {
  test('a create that fails is tried again, and given up after some tries', async () => {
    await begin();
    world.host.faults.push({ call: 'create', code: 'DRIVER_FAILED', after: false });
    const lucky = await run();
    await clock.advance(1_000);
    expect(instances().get(lucky.id).status.phase).toBe('running');
    for (let i = 0; i < 5; i++) {
      world.host.faults.push({ call: 'create', code: 'DRIVER_FAILED', after: i === 4 });
    }
    const unlucky = await run();
    await clock.advance(60_000);
    const { status } = instances().get(unlucky.id);
    expect(status.phase).toBe('failed');
    expect(reasonOf(instances().get(unlucky.id), 'Ready')).toBe('DriverFailed');
    expect([...world.host.domains.keys()]).toEqual([lucky.id]);
  });

  test('what cannot be mended fails at once', async () => {
    await begin();
    world.host.faults.push({ call: 'create', code: 'DRIVER_UNSUPPORTED', after: false });
    expect((await run()).status.phase).toBe('failed');
    expect(world.host.calls.create).toBe(1);
  });

  test('a delete ends a create that hangs', async () => {
    await begin({ hosts: { local: { latency: { create: 1e9 } } } });
    const { id } = await run();
    await instances().delete(id);
    await clock.advance(1_000);
    expect(() => instances().get(id)).toThrow();
    expect(world.host.domains.size).toBe(0);
  });

  test('a destroy that fails is tried until it works', async () => {
    await begin();
    const { id } = await run();
    for (let i = 0; i < 8; i++) {
      world.host.faults.push({ call: 'destroy', code: 'DRIVER_FAILED', after: false });
    }
    await instances().delete(id);
    await clock.advance(5 * 60_000);
    expect(world.host.domains.size).toBe(0);
    expect(instances().counts().stopping).toBe(0);
  });

  test('a host that goes away loses its instances, destroys nothing, and finds them again', async () => {
    await begin();
    const kept = await run();
    const ended = await run();
    const deleted = await run();
    world.host.goDown('connection reset');
    await clock.advance(10);
    const lost = instances().get(kept.id);
    expect(lost.status.phase).toBe('lost');
    expect(lost.status.conditions.find(({ type }) => type === 'HostReachable')).toMatchObject({
      status: false,
      message: 'connection reset',
    });
    await expect(instances().create(create)).rejects.toMatchObject({ code: 'HOST_UNAVAILABLE' });
    await instances().delete(deleted.id);
    world.host.domains.delete(ended.id);
    await clock.advance(60_000);
    expect(world.host.domains.size).toBe(2);
    world.host.comeUp();
    await clock.advance(5_000);
    expect(instances().get(kept.id).status.phase).toBe('running');
    expect(instances().get(ended.id).status.phase).toBe('failed');
    expect(reasonOf(instances().get(ended.id), 'Ready')).toBe('DomainDisappeared');
    expect([...world.host.domains.keys()]).toEqual([kept.id]);
    expect((await world.orchestrator.hosts.get('local')).state).toBe('up');
  });

  test('a list from before a create does not undo it', async () => {
    await begin({
      hosts: { local: { latency: { list: 50 } } },
      orchestrator: { resyncMilliseconds: 1_000 },
    });
    await clock.advance(970);
    const seen: unknown[] = [];
    world.orchestrator.events.subscribe(({ data }) => seen.push(data.phase));
    const { id } = await run();
    await clock.advance(100);
    expect(instances().get(id).status.phase).toBe('running');
    expect(seen).toEqual(['pending', 'creating', 'running']);
    expect(world.host.calls).toMatchObject({ create: 1, list: 2 });
  });

  test('an event that never came is found by comparing', async () => {
    await begin({ orchestrator: { resyncMilliseconds: 30_000 } });
    const { id } = await run();
    world.host.domains.delete(id);
    await clock.advance(31_000);
    expect(instances().get(id).status.phase).toBe('failed');
  });

  test('memory is reserved at acceptance and given back once', async () => {
    const MIB = 2 ** 20;
    await begin({ orchestrator: {}, hosts: { local: { memoryBytes: 512 * MIB } } });
    const big = await run({ memoryBytes: 200 * MIB });
    await expect(instances().create({ ...create, memoryBytes: 100 * MIB })).rejects.toMatchObject({
      code: 'NO_CAPACITY',
    });
    const [one, two] = await Promise.allSettled([
      instances().create({ ...create, memoryBytes: 40 * MIB }),
      instances().create({ ...create, memoryBytes: 40 * MIB }),
    ]);
    expect([one.status, two.status].sort()).toEqual(['fulfilled', 'rejected']);
    await instances().delete(big.id);
    await clock.advance(10);
    await instances().create({ ...create, memoryBytes: 200 * MIB });
  });
});
