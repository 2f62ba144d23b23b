// SPDX-License-Identifier: BSD-3-Clause
import type { InstanceChange, WarmPoolSpec } from '../../../../src/orchestrator/index.js';
import type { SimHost } from '../../../sim/index.js';
import { allInstances } from '../in-step.js';
import { HELLO, type CrashBed } from './bed.js';

const MIB = 2 ** 20;
/** Of a client that asks again until it has an answer. */
const STUBBORN = { requestId: 'stubborn', labels: { stubborn: 'yes' } };

/** Something that clients ask for, during which the orchestrator comes to its end. */
export interface Scenario {
  readonly name: string;
  /** What is there before. */
  readonly before?: (bed: CrashBed) => Promise<void>;
  readonly act: (bed: CrashBed) => void | Promise<void>;
  /** How long it takes in all; a second unless told. */
  readonly milliseconds?: number;
  /** What clients do again when they had no answer. */
  readonly again?: (bed: CrashBed) => void;
  /** What must be among its effects, or else it does not show what it should. */
  readonly effects: readonly (keyof SimHost['calls'] | 'write')[];
  /** What must be true in the end besides that all is in step; of what was answered, if that is told apart. */
  readonly expect?: (bed: CrashBed) => void;
}

/** Makes instances in peace. */
async function made(bed: CrashBed, count: number, changes = {}): Promise<void> {
  for (let index = 0; index < count; index++) bed.create(changes);
  await bed.clock.advance(200);
}

const pool = (size: number, changes: Partial<WarmPoolSpec> = {}): WarmPoolSpec => ({
  source: { image: HELLO.manifest.digest },
  memoryBytes: 8 * MIB,
  minimum: size,
  maximum: size,
  ...changes,
});

async function filled(bed: CrashBed, size: number, changes = {}): Promise<void> {
  bed.ask(({ warmPools }) => warmPools.put('web', pool(size, changes)));
  await bed.clock.advance(10_000);
}

function change(bed: CrashBed, what: InstanceChange): void {
  if (what === 'delete') for (const { id } of allInstances(bed.world)) bed.ledger.doomed.add(id);
  bed.ask(
    ({ instances }) =>
      instances.changeMany(what, { selector: 'group=a' }, { client: { name: 'anna', quota: {} } }),
    ({ id }) => bed.ledger.operations.add(id),
  );
}

const IN_GROUP = { labels: { group: 'a' } };

function expectOneStubborn(bed: CrashBed): void {
  const made = allInstances(bed.world).filter(({ spec }) => spec.labels.stubborn === 'yes');
  if (made.length !== 1) throw new Error(`one request has made ${made.length} instances`);
}

function createMany(bed: CrashBed, count: number, allOrNothing = false): void {
  const request = bed.request({ name: 'bulk', requestId: 'bulk' });
  bed.ask(
    ({ instances }) => instances.createMany(request, count, { allOrNothing }),
    ({ id }) => bed.ledger.operations.add(id),
  );
}

/** However often it was asked for, the bulk is one, and all of its items are there. */
function expectWhole(bed: CrashBed, count: number): void {
  const found = allInstances(bed.world).length;
  const operations = bed.world.orchestrator.operations.list().length;
  if (found !== count || operations !== 1) {
    throw new Error(`${found} of ${count} are there, of ${operations} operations`);
  }
}

function ids(bed: CrashBed): string[] {
  return bed.boundaries.isDead ? [] : allInstances(bed.world).map(({ id }) => id);
}

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'creations',
    act: (bed) => {
      bed.create({ name: 'plain' });
      bed.create(STUBBORN);
      bed.create({ paused: true });
    },
    again: (bed) => bed.create(STUBBORN),
    effects: ['write', 'create'],
    expect: expectOneStubborn,
  },
  {
    name: 'deletions',
    before: (bed) => made(bed, 3),
    act: (bed) => {
      const [first = '', second = ''] = ids(bed);
      bed.delete(first);
      bed.delete(second, 1);
    },
    milliseconds: 3_000,
    effects: ['write', 'destroy', 'shutdown'],
  },
  {
    name: 'a creation that is deleted at once',
    act: async (bed) => {
      bed.create();
      await bed.clock.advance(2);
      for (const id of ids(bed)) bed.delete(id);
    },
    effects: ['write', 'create'],
  },
  {
    name: 'a bulk creation',
    act: (bed) => createMany(bed, 5),
    again: (bed) => createMany(bed, 5),
    effects: ['write', 'create'],
    expect: (bed) => expectWhole(bed, 5),
  },
  {
    name: 'a bulk creation of all or nothing',
    act: (bed) => createMany(bed, 5, true),
    again: (bed) => createMany(bed, 5, true),
    effects: ['write', 'create'],
    expect: (bed) => expectWhole(bed, 5),
  },
  {
    name: 'a bulk creation that is cancelled',
    act: async (bed) => {
      createMany(bed, 5);
      await bed.clock.advance(6);
      const [id = ''] = bed.ledger.operations;
      bed.ask(({ operations }) => operations.cancel(id));
    },
    effects: ['write', 'create', 'destroy'],
  },
  {
    name: 'a bulk deletion',
    before: (bed) => made(bed, 3, IN_GROUP),
    act: (bed) => change(bed, 'delete'),
    effects: ['write', 'destroy'],
    expect: (bed) => {
      if (bed.ledger.operations.size > 0 && ids(bed).length > 0) throw new Error('some are left');
    },
  },
  {
    name: 'pauses and resumptions',
    before: async (bed) => {
      await made(bed, 1);
      await made(bed, 1, { paused: true });
    },
    act: (bed) => {
      const [running = '', paused = ''] = ids(bed);
      bed.ask(({ instances }) => instances.pause(running));
      bed.ask(({ instances }) => instances.resume(paused));
    },
    effects: ['write', 'pause', 'resume'],
  },
  {
    name: 'a bulk pause',
    before: (bed) => made(bed, 3, IN_GROUP),
    act: (bed) => change(bed, 'pause'),
    effects: ['write', 'pause'],
  },
  {
    name: 'restarts, asked for and by policy',
    before: async (bed) => {
      await made(bed, 1);
      await made(bed, 1, { restartPolicy: 'always' });
    },
    act: (bed) => {
      const [asked = '', byPolicy = ''] = ids(bed);
      bed.ask(({ instances }) => instances.restart(asked));
      const exit = { reason: 'exited', exitCode: 0, message: '' } as const;
      for (const host of bed.world.hosts.values()) host.end(byPolicy, exit);
    },
    milliseconds: 5_000,
    effects: ['write', 'destroy', 'create'],
    expect: (bed) => {
      const phases = allInstances(bed.world).map(({ status }) => status.phase);
      if (phases.join() !== 'running,running') throw new Error(`they are ${phases.join()}`);
    },
  },
  {
    name: 'a bulk restart',
    before: (bed) => made(bed, 3, IN_GROUP),
    act: (bed) => change(bed, 'restart'),
    effects: ['write', 'destroy', 'create'],
  },
  {
    name: 'the filling of a warm pool',
    act: (bed) => {
      bed.ask(({ warmPools }) => warmPools.put('web', pool(3)));
    },
    milliseconds: 5_000,
    effects: ['write', 'create'],
  },
  {
    name: 'claims, and the refill after them',
    before: (bed) => filled(bed, 2),
    act: (bed) => {
      bed.create({ name: 'first', args: ['a'] });
      bed.create(STUBBORN);
      bed.create();
    },
    milliseconds: 5_000,
    again: (bed) => bed.create(STUBBORN),
    effects: ['write', 'claim', 'create'],
    expect: expectOneStubborn,
  },
  {
    name: 'claims of paused guests',
    before: (bed) => filled(bed, 2, { warmth: 'created' }),
    act: (bed) => bed.create(),
    milliseconds: 5_000,
    effects: ['write', 'resume', 'create'],
  },
  {
    name: 'a claim that is deleted at once',
    before: (bed) => filled(bed, 1),
    act: async (bed) => {
      bed.create();
      await bed.clock.advance(1);
      for (const id of ids(bed)) bed.delete(id);
    },
    milliseconds: 5_000,
    effects: ['write', 'destroy', 'create'],
  },
  {
    name: 'another shape of a warm pool, and its end',
    before: (bed) => filled(bed, 2),
    act: async (bed) => {
      bed.ask(({ warmPools }) => warmPools.put('web', pool(1, { memoryBytes: 16 * MIB })));
      await bed.clock.advance(2_000);
      bed.ask(({ warmPools }) => warmPools.delete('web'));
    },
    milliseconds: 2_000,
    effects: ['write', 'destroy', 'create'],
  },
];
