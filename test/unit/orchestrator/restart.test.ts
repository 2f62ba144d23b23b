// SPDX-License-Identifier: BSD-3-Clause
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { FakeClock, settle, simImage, World, type SimHostOptions } from '../../sim/index.js';

const HELLO = simImage('hello');
const create = { source: { image: HELLO.manifest.digest } } as const;

let clock: FakeClock;
let world: World;

async function begin(host: Omit<SimHostOptions, 'clock'> = {}): Promise<void> {
  clock = new FakeClock();
  world = await World.start({ clock, images: [HELLO], hosts: { local: host } });
}

async function comeBack(): Promise<void> {
  await world.start();
  await clock.advance(10_000);
}

function expectInStep(): void {
  const running = world.orchestrator.instances
    .list({ limit: 500 })
    .items.filter(({ status }) => status.phase === 'running')
    .map(({ id }) => id);
  const domains = [...world.host.domains.values()].filter(({ owned }) => owned);
  expect(domains.map(({ spec }) => spec.id).sort()).toEqual(running.sort());
  expect(world.host.violations).toEqual([]);
}

const instances = () => world.orchestrator.instances;
const COMMITS = ['before-write', 'after-write'] as const;

describe('SIGKILL', () => {
  beforeEach(() => begin());

  test('guests go on, and are adopted as they are', async () => {
    const running = await instances().create(create);
    const paused = await instances().create({ ...create, paused: true });
    await clock.advance(10);
    const before = instances().get(running.id);
    const { lastSeq } = world.orchestrator.events;
    world.kill();
    await comeBack();
    expect(instances().get(running.id)).toEqual(before);
    expect(instances().get(paused.id).status.phase).toBe('paused');
    expect(world.host.calls).toMatchObject({ create: 2 });
    expect(world.orchestrator.events.lastSeq).toBeGreaterThanOrEqual(lastSeq);
  });

  test('a stranger is counted and left alone, a domain of ours without a record is not kept', async () => {
    const stranger = randomUUID();
    const { id } = await instances().create(create);
    await clock.advance(10);
    world.host.addStranger(stranger);
    world.kill();
    const leftover = world.host.domains.get(id)!;
    const other = randomUUID();
    world.host.domains.set(other, { ...leftover, spec: { ...leftover.spec, id: other } });
    await comeBack();
    expect([...world.host.domains.keys()].sort()).toEqual([id, stranger].sort());
    expect((await world.orchestrator.hosts.list())[0]).toMatchObject({
      strangers: 1,
      instances: 1,
    });
  });

  test('a domain that is gone has failed, one that ended tells how', async () => {
    const gone = await instances().create(create);
    const ended = await instances().create(create);
    await clock.advance(10);
    world.kill();
    world.host.domains.delete(gone.id);
    world.host.end(ended.id, { reason: 'exited', exitCode: 7, message: 'exited with code 7' });
    await comeBack();
    expect(instances().get(gone.id).status.phase).toBe('failed');
    expect(instances().get(ended.id).status).toMatchObject({ phase: 'stopped', exitCode: 7 });
  });

  test('a guest that ran once and ended is not run again', async () => {
    await begin({ guest: () => ({ does: 'exits', code: 0 }) });
    const { id } = await instances().create(create);
    world.kill('before-write');
    await settle();
    await comeBack();
    expect(instances().get(id).status).toMatchObject({ phase: 'stopped', exitCode: 0 });
    expect(world.host.calls.create).toBe(1);
  });

  test('a guest that was restarted and ended is not run a third time', async () => {
    await begin({ guest: () => ({ does: 'exits', code: 0 }) });
    const { id } = await instances().create(create);
    await clock.advance(10);
    await instances().restart(id);
    for (let i = 0; i < 20 && world.host.calls.create !== 2; i++) await settle();
    world.kill('before-write');
    await comeBack();
    expect(instances().get(id).status).toMatchObject({ phase: 'stopped', restarts: 1 });
    expect(world.host.calls.create).toBe(2);
  });

  test('a host that does not answer at the start has its instances lost, then found', async () => {
    const { id } = await instances().create(create);
    await clock.advance(10);
    world.kill();
    world.host.goDown();
    await comeBack();
    expect(instances().get(id).status.phase).toBe('lost');
    world.host.comeUp();
    await clock.advance(10_000);
    expect(instances().get(id).status.phase).toBe('running');
    expectInStep();
  });

  test('a host that was taken out of the configuration has its instances lost, until it is put back', async () => {
    const { id } = await instances().create(create);
    await clock.advance(10);
    world.kill();
    await world.start(world.store, 'local');
    const { phase, conditions } = instances().get(id).status;
    expect(phase).toBe('lost');
    expect(conditions.find(({ type }) => type === 'HostReachable')?.message).toContain(
      'no longer in the configuration',
    );
    expect(() => instances().readConsole(id, 0)).toThrow(
      expect.objectContaining({ code: 'HOST_UNAVAILABLE' }),
    );
    await clock.advance(10);
    world.kill();
    await comeBack();
    expect(instances().get(id).status.phase).toBe('running');
  });

  test('a restart that was asked for is carried out, once', async () => {
    const { id } = await instances().create(create);
    await clock.advance(10);
    await instances().restart(id);
    world.kill();
    await comeBack();
    expect(instances().get(id).status).toMatchObject({ phase: 'running', restarts: 1 });
    expectInStep();
  });
});

describe.each(COMMITS)('SIGKILL around each driver call, %s', (commit) => {
  test.each(['create', 'destroy', 'pause'] as const)('during %s', async (call) => {
    for (const late of [false, true]) {
      await begin({ latency: { create: 5, destroy: 5, pause: 5 } });
      const doomed = await instances().create(create);
      const kept = await instances().create(create);
      if (call !== 'create') {
        await clock.advance(50);
        if (call === 'destroy') await instances().delete(doomed.id);
        else await instances().pause(doomed.id);
      }
      await clock.advance(late ? 5 : 2);
      world.kill(commit);
      // What the dead daemon had asked for still happens on the host.
      await clock.advance(20);
      await comeBack();
      expect(instances().get(kept.id).status.phase).toBe('running');
      if (call === 'destroy') expect(() => instances().get(doomed.id)).toThrow();
      else {
        const { phase } = instances().get(doomed.id).status;
        expect(phase).toBe(call === 'pause' ? 'paused' : 'running');
      }
      expect(world.host.domains.size).toBe(call === 'destroy' ? 1 : 2);
      expect(world.host.calls.create).toBe(2);
      expect(world.host.violations).toEqual([]);
    }
  });

  test('during the write that accepts', async () => {
    await begin();
    world.kill(commit);
    await comeBack();
    const accepted = instances().create({ ...create, name: 'web' });
    void accepted.catch(() => undefined);
    world.kill(commit);
    await settle();
    await comeBack();
    expect(instances().list({}).items).toHaveLength(commit === 'after-write' ? 1 : 0);
    expectInStep();
  });
});

describe('bulk', () => {
  test('goes on after SIGKILL at any point, makes each item once, and ends', async () => {
    for (const wait of [0, 1, 2, 4, 8, 16]) {
      await begin({ latency: { create: 3 } });
      const { id } = await instances().createMany({ ...create, name: 'web' }, 600);
      for (let i = 0; i < wait; i++) await new Promise((resolve) => setImmediate(resolve));
      await clock.advance(wait);
      world.kill(wait % 2 === 0 ? 'before-write' : 'after-write');
      await clock.advance(10);
      await world.start();
      await clock.advance(10_000);
      expect(world.orchestrator.operations.get(id)).toMatchObject({
        phase: 'succeeded',
        done: 600,
        failed: 0,
      });
      expect(instances().counts().running).toBe(600);
      expect(world.host.calls.create).toBe(600);
      expectInStepMany(600);
    }
  });
});

function expectInStepMany(count: number): void {
  expect(world.host.domains.size).toBe(count);
  expect(world.host.violations).toEqual([]);
}
