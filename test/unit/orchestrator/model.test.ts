// SPDX-License-Identifier: BSD-3-Clause
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isUnicoreError } from '../../../src/errors/index.js';
import { FakeClock, simImage, World, type SimFault } from '../../sim/index.js';

const HELLO = simImage('hello');
const MIB = 2 ** 20;
const MEMORY = 8 * MIB;
const HOST_MEMORY = 512 * MIB;

/** One thing that a user, a host or fate does. */
type Step =
  | {
      readonly do: 'create';
      readonly policy: 'never' | 'on-failure' | 'always';
      readonly paused: boolean;
      readonly hangs: boolean;
    }
  | { readonly do: 'bulk'; readonly count: number }
  | { readonly do: 'cancel' }
  | { readonly do: 'delete' | 'pause' | 'resume' | 'restart'; readonly which: number }
  | { readonly do: 'end'; readonly which: number; readonly code: number | null }
  | { readonly do: 'vanish'; readonly which: number }
  | { readonly do: 'fault'; readonly fault: SimFault; readonly times: number }
  | { readonly do: 'host-down' | 'host-up' | 'stranger' }
  | { readonly do: 'crash'; readonly commit: 'before-write' | 'after-write' }
  | { readonly do: 'wait'; readonly milliseconds: number };

const which = fc.nat(20);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('create' as const),
      policy: fc.constantFrom('never', 'on-failure', 'always'),
      paused: fc.boolean(),
      hangs: fc.nat(5).map((n) => n === 0),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('bulk' as const), count: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'cancel' as const }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'delete' as const,
        'pause' as const,
        'resume' as const,
        'restart' as const,
      ),
      which,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('end' as const),
      which,
      code: fc.constantFrom(null, 0, 1),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('vanish' as const), which }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('fault' as const),
      times: fc.constantFrom(1, 2, 6),
      fault: fc.record({
        call: fc.constantFrom('create', 'destroy', 'pause', 'resume', 'list'),
        code: fc.constantFrom('DRIVER_FAILED', 'HOST_UNAVAILABLE', 'DEADLINE_EXCEEDED'),
        after: fc.boolean(),
      }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('host-down' as const, 'host-up' as const, 'stranger' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('crash' as const),
      commit: fc.constantFrom('before-write' as const, 'after-write' as const),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      milliseconds: fc.constantFrom(0, 1, 3, 5, 20, 500, 5_000),
    }),
  },
);

/** What the model knows: which acknowledged instances must be there, and which must go. */
class Model {
  readonly acknowledged = new Set<string>();
  readonly deleted = new Set<string>();
  /** Asked for and perhaps not answered: the daemon may have died between. */
  readonly deleteAsked = new Set<string>();
  readonly strangers = new Set<string>();
  readonly operations = new Set<string>();
}

async function play(world: World, clock: FakeClock, model: Model, each: Step): Promise<void> {
  const { host } = world;
  const { instances, operations } = world.orchestrator;
  const pick = (index: number): string | undefined => {
    const all = [...model.acknowledged];
    return all.length === 0 ? undefined : all[index % all.length];
  };
  switch (each.do) {
    case 'create':
      void attempt(
        instances.create({
          source: { image: HELLO.manifest.digest },
          memoryBytes: MEMORY,
          // One that hangs would be restarted for ever.
          restartPolicy: each.hangs ? 'never' : each.policy,
          paused: each.paused,
          args: each.hangs ? ['hangs'] : [],
        }),
        ({ id }) => model.acknowledged.add(id),
      );
      return;
    case 'bulk': {
      const request = { source: { image: HELLO.manifest.digest }, memoryBytes: MEMORY };
      void attempt(instances.createMany(request, each.count + 1), ({ id }) =>
        model.operations.add(id),
      );
      return;
    }
    case 'cancel': {
      const [id] = [...model.operations].slice(-1);
      if (id !== undefined) void attempt(operations.cancel(id), () => undefined);
      return;
    }
    case 'delete':
    case 'pause':
    case 'resume':
    case 'restart': {
      const id = pick(each.which);
      if (id === undefined) return;
      if (each.do === 'delete') model.deleteAsked.add(id);
      void attempt(
        (async () => instances[each.do](id))(),
        () => each.do === 'delete' && model.deleted.add(id),
      );
      return;
    }
    case 'end': {
      const id = pick(each.which);
      const { code } = each;
      const reason = code === null ? 'crashed' : 'exited';
      if (id !== undefined) host.end(id, { reason, exitCode: code, message: reason });
      return;
    }
    case 'vanish': {
      const id = pick(each.which);
      if (id !== undefined) host.domains.delete(id);
      return;
    }
    case 'fault':
      for (let i = 0; i < each.times; i++) host.faults.push(each.fault);
      return;
    case 'host-down':
      host.goDown();
      return;
    case 'host-up':
      host.comeUp();
      return;
    case 'stranger': {
      const id = randomUUID();
      model.strangers.add(id);
      host.addStranger(id);
      return;
    }
    case 'crash':
      world.kill(each.commit);
      await clock.advance(0);
      await startWhile(world, clock);
      return;
    case 'wait':
      await clock.advance(each.milliseconds);
  }
}

/** A start may wait for a host that does not answer, so time has to go on. */
async function startWhile(world: World, clock: FakeClock): Promise<void> {
  const progress = { started: false };
  const start = world.start().then(() => {
    progress.started = true;
  });
  while (!progress.started) await clock.advance(1_000);
  await start;
}

/** Notes an acknowledgement when there is one; foreseen refusals are fine, everything else is a defect. */
async function attempt<T>(
  request: Promise<T>,
  acknowledged: (result: T) => unknown,
): Promise<void> {
  try {
    acknowledged(await request);
  } catch (error) {
    if (!isUnicoreError(error) || error.code === 'INTERNAL') throw error;
  }
}

/** Lets faults end, the host answer, and everything come to rest; then nothing may be out of step. */
async function check(world: World, clock: FakeClock, model: Model): Promise<void> {
  const { host } = world;
  host.faults.length = 0;
  host.comeUp();
  for (let i = 0; i < 8; i++) await clock.advance(30_000);
  const { instances, operations, events } = world.orchestrator;
  const items = instances.list({ limit: 500 }).items;
  const byId = new Map(items.map((item) => [item.id, item]));

  expect(host.violations).toEqual([]);
  for (const id of model.strangers) expect(host.domains.get(id)?.owned).toBe(false);
  for (const id of model.deleted) expect(byId.has(id)).toBe(false);
  for (const id of model.acknowledged) {
    if (!model.deleteAsked.has(id)) expect(byId.has(id)).toBe(true);
  }
  for (const { id, generation, spec, status } of items) {
    expect(['running', 'paused', 'stopped', 'failed']).toContain(status.phase);
    expect(status.observedGeneration).toBe(generation);
    const domain = host.domains.get(id);
    const lives = status.phase === 'running' || status.phase === 'paused';
    if (lives) {
      expect(status.phase).toBe(spec.desired);
      expect(domain).toMatchObject({ owned: true, exit: null, state: spec.desired });
    } else {
      expect(domain?.exit).not.toBe(null);
      expect(spec.restartPolicy === 'always').toBe(false);
    }
  }
  for (const [id, { owned }] of host.domains) expect(!owned || byId.has(id)).toBe(true);
  for (const id of model.operations) expect(operations.get(id).phase).not.toBe('running');

  // Memory: exactly what lives is reserved, so exactly the rest can still be had, to the byte.
  const living = items.filter(
    ({ status }) => status.phase === 'running' || status.phase === 'paused',
  );
  const free = HOST_MEMORY - 256 * MIB - living.length * MEMORY;
  const source = { image: HELLO.manifest.digest };
  const more = instances.create({ source, memoryBytes: Math.max(free + 1, 4 * MIB) });
  await expect(more).rejects.toMatchObject({ code: 'NO_CAPACITY' });
  if (free >= 4 * MIB) {
    const last = await instances.create({ source, memoryBytes: free });
    await clock.advance(10);
    await instances.delete(last.id);
    await clock.advance(10);
  }
  const counts = Object.values(instances.counts()).reduce((sum, count) => sum + count, 0);
  expect(counts).toBe(items.length);
  const seqs = events.read(Math.max(0, events.lastSeq - 100), 100).map(({ seq }) => seq);
  expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] ?? 0) + index));
}

test('whatever happens, the world comes to what was asked for', { timeout: 300_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 60 }),
      fc.constantFrom(
        {},
        { create: 4, destroy: 4, pause: 4, list: 2, boot: 3 },
        { create: 4, list: 7, event: 6 },
      ),
      fc.boolean(),
      async (steps, latency, remembersEnded) => {
        const clock = new FakeClock();
        const world = World.prepare({
          clock,
          images: [HELLO],
          hosts: {
            local: {
              memoryBytes: HOST_MEMORY,
              latency,
              remembersEnded,
              guest: ({ args }) => ({ does: args[0] === 'hangs' ? 'hangs' : 'lives' }),
            },
          },
          orchestrator: { random: () => 0.5, limits: { callMilliseconds: 10_000 } },
        });
        await startWhile(world, clock);
        const model = new Model();
        for (const each of steps) await play(world, clock, model, each);
        await check(world, clock, model);
      },
    ),
    { numRuns: 300 },
  );
});
