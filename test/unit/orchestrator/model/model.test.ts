// SPDX-License-Identifier: BSD-3-Clause
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FakeClock, World } from '../../../sim/index.js';
import { expectInStep } from '../in-step.js';
import { HELLO, Player } from './player.js';
import { step } from './steps.js';

const MIB = 2 ** 20;

test('whatever happens, the world comes to what was asked for', { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 60 }),
      fc.constantFrom(
        {},
        { create: 4, destroy: 4, pause: 4, claim: 2, list: 2, boot: 3 },
        { create: 4, list: 7, event: 6 },
      ),
      fc.boolean(),
      async (steps, latency, remembersEnded) => {
        const clock = new FakeClock();
        const guest = ({ args }: { readonly args: readonly string[] }) =>
          args[0] === 'hangs' ? ({ does: 'hangs' } as const) : ({ does: 'lives' } as const);
        const host = { latency, remembersEnded, guest };
        const world = World.prepare({
          clock,
          images: [HELLO],
          // A quarter of a gibibyte of each is the host's own.
          hosts: {
            one: { ...host, memoryBytes: 384 * MIB },
            two: { ...host, memoryBytes: 320 * MIB },
          },
          orchestrator: { random: () => 0.5, limits: { callMilliseconds: 10_000 }, bulkChunk: 5 },
        });
        const player = new Player(world, clock);
        await player.whileTimePasses(world.start());
        for (const each of steps) await player.play(each);
        await player.rest();
        await expectInStep(world, player.ledger);
        const { events } = world.orchestrator;
        const seqs = events.read(Math.max(0, events.lastSeq - 100), 100).map(({ seq }) => seq);
        expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] ?? 0) + index));
      },
    ),
    { numRuns: 250 },
  );
});
