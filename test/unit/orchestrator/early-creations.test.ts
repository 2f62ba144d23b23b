// SPDX-License-Identifier: BSD-3-Clause
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UnicoreError } from '../../../src/errors/index.js';
import { MemoryStateStore, type StateStore } from '../../../src/orchestrator/index.js';
import { FakeClock, settle, simImage, World, type SimGuest } from '../../sim/index.js';

const MIB = 2 ** 20;
const HELLO = simImage('hello');
const REQUEST = {
  source: { image: HELLO.manifest.digest },
  name: 'web',
  memoryBytes: 8 * MIB,
  client: { name: 'anna', quota: { instances: 1 } },
};

/** Writes when it is told to, or fails to. */
class HeldStore implements StateStore {
  readonly #inner = new MemoryStateStore();
  #gate: Promise<void> = Promise.resolve();
  release: (failure?: UnicoreError) => void = () => undefined;

  get stateId(): string {
    return this.#inner.stateId;
  }

  hold(): void {
    this.#gate = new Promise((resolve, reject) => {
      this.release = (failure) => {
        this.#gate = Promise.resolve();
        if (failure === undefined) resolve();
        else reject(failure);
      };
    });
  }

  load(): ReturnType<StateStore['load']> {
    return this.#inner.load();
  }

  async commit(changes: Parameters<StateStore['commit']>[0]): Promise<void> {
    await this.#gate;
    await this.#inner.commit(changes);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}

let world: World;
let store: HeldStore;
let clock: FakeClock;
let guest: SimGuest;

beforeEach(async () => {
  clock = new FakeClock();
  store = new HeldStore();
  guest = { does: 'lives' };
  world = await World.start({
    clock,
    store,
    images: [HELLO],
    hosts: { local: { memoryBytes: 1024 * MIB, guest: () => guest } },
  });
  await clock.advance(10);
});

afterEach(() => world.stop());

const instances = () => world.orchestrator.instances;
const domains = () => [...world.host.domains.keys()];

describe('a creation goes on while its instance is being written', () => {
  test('and is nobody’s business until it is', async () => {
    store.hold();
    const made = instances().create(REQUEST);
    await settle();
    expect(domains()).toHaveLength(1);
    expect(instances().list({}).items).toEqual([]);
    store.release();
    const { id } = await made;
    await clock.advance(10);
    expect(domains()).toEqual([id]);
    expect(instances().get(id).status).toMatchObject({ phase: 'running', observedGeneration: 1 });
    expect(world.host.calls.create).toBe(1);
  });

  test('a comparison with the host leaves it alone meanwhile', async () => {
    store.hold();
    const made = instances().create(REQUEST);
    await settle();
    world.host.goDown();
    world.host.comeUp();
    await settle();
    expect(world.host.calls.destroy).toBe(undefined);
    store.release();
    const { id } = await made;
    await clock.advance(10);
    expect(instances().get(id).status.phase).toBe('running');
  });

  test('a guest that has ended by then shows all of its life', async () => {
    guest = { does: 'exits', code: 3 };
    store.hold();
    const made = instances().create(REQUEST);
    await settle();
    store.release();
    const { id } = await made;
    await clock.advance(10);
    const { status } = instances().get(id);
    expect(status).toMatchObject({ phase: 'stopped', exitCode: 3, bootNanoseconds: 1_000_000 });
    expect(Object.keys(status.timings).sort()).toEqual(
      ['accepted', 'admitted', 'created', 'ready', 'stopped', 'unpaused'].sort(),
    );
    const phases = world.orchestrator.events.read(0, 100).map(({ data }) => data.phase);
    expect(phases.filter((phase) => phase !== undefined)).toEqual([
      'pending',
      'creating',
      'running',
      'stopped',
    ]);
    expect(world.host.calls.create).toBe(1);
  });

  test('one that cannot be written leaves no domain, name, room or share of a quota', async () => {
    store.hold();
    const made = instances().create(REQUEST);
    await settle();
    expect(domains()).toHaveLength(1);
    store.release(new UnicoreError('STORAGE_FULL', 'no space left'));
    await expect(made).rejects.toMatchObject({ code: 'STORAGE_FULL' });
    expect(domains()).toEqual([]);
    expect((await world.orchestrator.hosts.list())[0]?.reservedBytes).toBe(0);
    const { id } = await instances().create(REQUEST);
    await clock.advance(10);
    expect(domains()).toEqual([id]);
    expect(world.host.violations).toEqual([]);
  });

  test('after SIGKILL in between, the next daemon destroys what nobody was told of', async () => {
    store.hold();
    void instances().create(REQUEST);
    await settle();
    expect(domains()).toHaveLength(1);
    world.kill('before-write');
    store.release(new UnicoreError('STORAGE_FULL', 'it was never written'));
    await world.start();
    await clock.advance(10);
    expect(domains()).toEqual([]);
    expect(instances().list({}).items).toEqual([]);
    const { id } = await instances().create(REQUEST);
    await clock.advance(10);
    expect(domains()).toEqual([id]);
  });

  test('nobody who waits for the host is overtaken', async () => {
    const limit = 16;
    store.hold();
    const made = Array.from({ length: 2 * limit }, (_, index) =>
      instances().create({ source: REQUEST.source, name: `web-${index}` }),
    );
    await settle();
    expect(world.host.peak.create ?? 0).toBeLessThanOrEqual(limit);
    store.release();
    await Promise.all(made);
    await clock.advance(1_000);
    expect(domains()).toHaveLength(2 * limit);
  });
});
