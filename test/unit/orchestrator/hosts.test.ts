// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, test } from 'vitest';
import { Capacity } from '../../../src/orchestrator/hosts/capacity.js';
import { MemoryStateStore, type StepSample } from '../../../src/orchestrator/index.js';
import { FakeClock, simImage, World } from '../../sim/index.js';

const HELLO = simImage('hello');
const MIB = 2 ** 20;
const DESCRIPTORS = {
  ...{ id: 'sim.nofile', title: 'Open files of it', why: 'It needs some.', fix: 'ulimit -n 9' },
  ...{ unit: 'descriptors', most: 6, kept: 1, perGuest: 1, perVcpu: 0 },
};

const NONE = { perGuest: 0, perVcpu: 0 };

describe('capacity', () => {
  const bytes = (memoryBytes: number, vcpus = 1) => ({ memoryBytes, vcpus });

  test('enters each holder once, and gives back once', () => {
    const capacity = new Capacity({ memoryBytes: 100, instances: 3 });
    capacity.learn(null, { perGuest: 3, perVcpu: 2 });
    expect(capacity.tryReserve('a', bytes(45))).toBe(true);
    expect(capacity.tryReserve('a', bytes(45))).toBe(true);
    expect(capacity.freeBytes).toBe(50);
    expect(capacity.tryReserve('b', bytes(46))).toBe(false);
    expect(capacity.tryReserve('b', bytes(45))).toBe(true);
    capacity.hold('c', bytes(45));
    expect(capacity.freeBytes).toBe(-50);
    expect(capacity.fits(bytes(0))).toBe(false);
    for (const id of ['a', 'a', 'b', 'c', 'nobody']) capacity.release(id);
    expect([capacity.freeBytes, capacity.holders]).toEqual([100, 0]);
  });

  test('counts what each guest takes of what the host has only so many', () => {
    const capacity = new Capacity();
    capacity.learnLimits([{ ...DESCRIPTORS, most: 30, kept: 2, perGuest: 4, perVcpu: 1 }]);
    expect(capacity.tryReserve('a', bytes(1, 3))).toBe(true);
    expect(capacity.fits(bytes(1), 4)).toBe(true);
    expect(capacity.fits(bytes(1), 5)).toBe(false);
    expect(capacity.fits(bytes(1, 17))).toBe(true);
    const shortage = capacity.shortage(bytes(1, 18));
    expect(shortage).toContain('descriptors are used up (Open files of it: 30');
    expect(shortage).toContain(DESCRIPTORS.fix);
    capacity.release('a');
    expect(capacity.fits(bytes(1), 5)).toBe(true);
    for (const most of [null, Infinity]) {
      capacity.learnLimits([{ ...DESCRIPTORS, most }]);
      expect(capacity.fits(bytes(1), 1_000_000)).toBe(true);
    }
  });

  test('is one for all that share memory, but for what was set for a host', () => {
    const sharers = new Set<Capacity>();
    const [one, two] = [new Capacity(), new Capacity()];
    const bounded = new Capacity({ memoryBytes: 2048 * MIB });
    for (const each of [one, two, bounded]) {
      sharers.add(each);
      each.learn(1024 * MIB, NONE, sharers);
    }
    one.hold('a', bytes(500 * MIB));
    bounded.hold('b', bytes(100 * MIB));
    expect([one.freeBytes, two.freeBytes]).toEqual([168 * MIB, 168 * MIB]);
    expect(two.tryReserve('c', bytes(169 * MIB))).toBe(false);
    expect(bounded.freeBytes).toBe(1948 * MIB);
  });

  test('leaves a floor for the host itself', () => {
    const capacity = new Capacity();
    expect(capacity.freeBytes).toBe(Infinity);
    capacity.learn(1024 * MIB, NONE);
    expect(capacity.limitBytes).toBe(768 * MIB);
    capacity.learn(16_384 * MIB, NONE);
    expect(capacity.limitBytes).toBe(15_360 * MIB);
  });
});

test('of a host with five descriptors no more than five are given away, whoever asks at the same time', async () => {
  const clock = new FakeClock();
  const hosts = { local: { limits: [DESCRIPTORS] } };
  const world = await World.start({ clock, images: [HELLO], hosts });
  const { instances } = world.orchestrator;
  const source = { image: HELLO.manifest.digest };
  const made = await Promise.allSettled(
    Array.from({ length: 12 }, () => instances.create({ source })),
  );
  const refused = made.filter((each) => each.status === 'rejected');
  expect(refused).toHaveLength(7);
  const reason = { code: 'NO_CAPACITY', message: expect.stringContaining('ulimit -n 9') as string };
  for (const each of refused) expect(each.reason).toMatchObject(reason);
  await clock.advance(10);
  const many = instances.createMany({ source }, 1, { allOrNothing: true });
  await expect(many).rejects.toMatchObject(reason);
  const [first] = instances.list({}).items;
  await instances.delete(first?.id ?? '');
  await clock.advance(100);
  expect((await instances.create({ source })).spec.host).toBe('local');
});

test('what the hypervisor takes for each guest is reserved with it', async () => {
  const overhead = { perGuest: 100 * MIB, perVcpu: 20 * MIB };
  const hosts = { local: { memoryBytes: 1024 * MIB, overhead } };
  const world = await World.start({ clock: new FakeClock(), images: [HELLO], hosts });
  const { instances, hosts: directory } = world.orchestrator;
  const request = {
    source: { image: HELLO.manifest.digest },
    memoryBytes: 8 * MIB,
    vcpus: 2,
  };
  const made = await Promise.allSettled(Array.from({ length: 9 }, () => instances.create(request)));
  // 768 MiB are for guests, of which each takes 148.
  expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
  expect((await directory.list())[0]).toMatchObject({ reservedBytes: 5 * 148 * MIB });
});

describe('several hosts', () => {
  test('those of this machine share its memory', async () => {
    const clock = new FakeClock();
    const here = { memoryBytes: 1024 * MIB, onThisMachine: true };
    const overhead = { perGuest: 16 * MIB, perVcpu: 0 };
    const hosts = {
      processes: here,
      qemu: { ...here, overhead },
      elsewhere: { memoryBytes: 512 * MIB },
    };
    const world = await World.start({ clock, images: [HELLO], hosts });
    const { instances } = world.orchestrator;
    const make = (host: string, mebibytes: number) =>
      instances.create({
        source: { image: HELLO.manifest.digest },
        memoryBytes: mebibytes * MIB,
        host,
      });
    const full = { code: 'NO_CAPACITY' };
    await make('qemu', 184); // with its 16: 200 of 768
    await expect(make('processes', 569)).rejects.toMatchObject(full);
    const other = await make('processes', 568);
    await expect(make('qemu', 4)).rejects.toMatchObject(full);
    await make('elsewhere', 256);
    await instances.delete(other.id);
    await clock.advance(100);
    await make('qemu', 500);
  });

  test('a machine has one writer: the second host that reaches it stays down, and says why', async () => {
    const world = await World.start({
      clock: new FakeClock(),
      images: [HELLO],
      hosts: { one: { machineId: 'boot-1' }, two: { machineId: 'boot-1' }, three: {} },
    });
    const listed = await world.orchestrator.hosts.list();
    expect(listed.map(({ id, state }) => [id, state])).toEqual([
      ['one', 'up'],
      ['two', 'down'],
      ['three', 'up'],
    ]);
    expect(listed[1]?.reason).toContain("the same machine as the host 'one'");
  });

  test('the one with the most room is chosen, the one that is named is kept to', async () => {
    const clock = new FakeClock();
    const world = await World.start({
      clock,
      images: [HELLO],
      hosts: { small: { memoryBytes: 300 * MIB }, large: { memoryBytes: 1_000 * MIB } },
    });
    const { instances, hosts } = world.orchestrator;
    const source = { image: HELLO.manifest.digest };
    expect((await instances.create({ source })).spec.host).toBe('large');
    expect((await instances.create({ source, host: 'small' })).spec.host).toBe('small');
    await expect(instances.create({ source, host: 'none' })).rejects.toMatchObject({
      code: 'UNKNOWN_HOST',
    });
    world.hosts.get('large')?.goDown();
    await clock.advance(10);
    expect((await instances.create({ source })).spec.host).toBe('small');
    expect(
      (await hosts.list()).map(({ id, state, instances: count }) => [id, state, count]),
    ).toEqual([
      ['small', 'up', 2],
      ['large', 'down', 1],
    ]);
    expect(instances.list({ host: 'small' }).items).toHaveLength(2);
  });

  test('an image that none can run is refused', async () => {
    const foreign = simImage('foreign', { target: 'kvm-x86_64' });
    const arm = simImage('arm', { target: null, architecture: 'arm64' });
    const virtual = simImage('virtual', {
      target: 'kvm-arm64',
      architecture: 'arm64',
      bootProtocols: ['devicetree'],
    });
    const xen = simImage('xen', {
      target: 'xen-arm64',
      architecture: 'arm64',
      bootProtocols: ['linux-image'],
    });
    const images = [foreign, arm, virtual, xen];
    const world = await World.start({ clock: new FakeClock(), images });
    for (const { manifest } of images) {
      const refused = world.orchestrator.instances.create({ source: { image: manifest.digest } });
      await expect(refused).rejects.toMatchObject({ code: 'NO_HOST_FOR_TARGET' });
    }
  });
});

test('a list that began before the host went away does not bring it back', async () => {
  const clock = new FakeClock();
  const world = World.prepare({
    clock,
    images: [HELLO],
    hosts: { local: { latency: { list: 50 } } },
    orchestrator: { resyncMilliseconds: 1_000 },
  });
  const started = world.start();
  await clock.advance(50);
  await started;
  const state = async () => (await world.orchestrator.hosts.get('local')).state;
  await clock.advance(1_010);
  expect([world.host.calls.list, await state()]).toEqual([2, 'up']);
  world.host.goDown();
  await clock.advance(10);
  world.host.comeUp();
  await clock.advance(35);
  expect(await state()).toBe('down');
  await clock.advance(60);
  expect([world.host.calls.list, await state()]).toEqual([3, 'up']);
});

test('statistics of a thousand ask the host once a second', async () => {
  const clock = new FakeClock();
  const world = await World.start({ clock, images: [HELLO] });
  const { instances } = world.orchestrator;
  await instances.createMany({ source: { image: HELLO.manifest.digest } }, 1_000);
  await clock.advance(1_000);
  const ids = instances.list({ limit: 500 }).items.map(({ id }) => id);
  const samples = await Promise.all(ids.map((id) => instances.stats(id)));
  expect(samples.map((sample) => sample?.id)).toEqual(ids);
  expect(world.host.calls.stats).toBe(1);
  await clock.advance(2_000);
  await instances.stats(ids[0]!);
  expect(world.host.calls.stats).toBe(2);
});

test('an observer hears of each step, by driver, and of driver calls', async () => {
  const clock = new FakeClock();
  const steps: StepSample[] = [];
  const calls: string[] = [];
  const world = await World.start({
    clock,
    images: [HELLO],
    hosts: { local: { latency: { create: 4, boot: 3, destroy: 2 } } },
    orchestrator: {
      observer: {
        step: (sample) => steps.push(sample),
        driverCall: ({ call, outcome }) => calls.push(`${call} ${outcome}`),
        commit: () => undefined,
      },
    },
  });
  const { instances } = world.orchestrator;
  const { id } = await instances.create({ source: { image: HELLO.manifest.digest } });
  await clock.advance(10);
  await instances.delete(id);
  await clock.advance(10);
  expect(steps.map(({ step, seconds }) => [step, seconds])).toEqual([
    ['queue', 0],
    ['create', 0.004],
    ['boot', 0.003],
    ['spawn', 0.007],
    ['stop', 0.002],
  ]);
  expect(calls).toEqual(['open ok', 'facts ok', 'list ok', 'create ok', 'destroy ok']);
});

test('a disk that is full refuses a create, holds nothing for it, and the daemon goes on', async () => {
  const clock = new FakeClock();
  const store = new MemoryStateStore();
  const hosts = { local: { memoryBytes: 300 * MIB } };
  const world = await World.start({ clock, images: [HELLO], store, hosts });
  const { instances } = world.orchestrator;
  const source = { image: HELLO.manifest.digest };
  const running = await instances.create({ source, name: 'first' });
  await clock.advance(10);
  const write = store.commit.bind(store);
  const { UnicoreError } = await import('../../../src/errors/index.js');
  store.commit = () => Promise.reject(new UnicoreError('STORAGE_FULL', 'full'));
  const second = { source, name: 'second', memoryBytes: 40 * MIB };
  await expect(instances.create(second)).rejects.toMatchObject({
    code: 'STORAGE_FULL',
  });
  await expect(instances.delete(running.id)).rejects.toMatchObject({ code: 'STORAGE_FULL' });
  world.host.end(running.id, { reason: 'exited', exitCode: 0, message: 'exited' });
  expect(instances.get(running.id).status.phase).toBe('stopped');
  expect(instances.list({}).items).toHaveLength(1);
  store.commit = write;
  await clock.advance(5_000);
  expect((await store.load()).instances[0]?.progress.status.phase).toBe('stopped');
  await instances.create(second);
  await instances.delete(running.id);
  await clock.advance(10);
  expect(world.host.domains.size).toBe(1);
});

test('answers are kept under their keys for a day, through a restart', async () => {
  const clock = new FakeClock();
  const world = await World.start({ clock, images: [HELLO] });
  const answer = { fingerprint: 'f', status: 201, location: '/v1/instances/x', body: '{}' };
  await world.orchestrator.answers.save('key', answer);
  world.kill();
  await world.start();
  expect(await world.orchestrator.answers.load('key')).toEqual(answer);
  expect(await world.orchestrator.answers.load('other')).toBeNull();
  await clock.advance(25 * 3_600_000);
  expect(await world.orchestrator.answers.load('key')).toBeNull();
});
