// SPDX-License-Identifier: BSD-3-Clause
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Death } from '../../../sim/index.js';
import { expectInStep } from '../in-step.js';
import { CrashBed } from './bed.js';
import { SCENARIOS, type Scenario } from './scenarios.js';

/** More than a resynchronisation, a back-off and what each of them leads to. */
const REST_MILLISECONDS = 200_000;

/** Plays a scenario with an end at one of its effects, and looks at what became of it. Says what its effects were. */
async function play(scenario: Scenario, death: Death | null, second: Death | null = null) {
  const bed = await CrashBed.begin();
  try {
    await scenario.before?.(bed);
    bed.expectDeath(death);
    await scenario.act(bed);
    await bed.clock.advance(scenario.milliseconds ?? 1_000);
    const { passed, isDead } = bed.boundaries;
    let diedAgain = false;
    if (isDead) {
      await bed.comeBack(second);
      await bed.clock.advance(second === null ? 0 : 1_000);
      diedAgain = bed.boundaries.isDead;
      if (diedAgain) await bed.comeBack();
    }
    bed.expectDeath(null);
    scenario.again?.(bed);
    await bed.clock.advance(REST_MILLISECONDS);
    await expectInStep(bed.world, bed.ledger);
    scenario.expect?.(bed);
    return { passed, isDead, diedAgain };
  } finally {
    await bed.end();
  }
}

describe.each(SCENARIOS)('$name', { timeout: 600_000 }, (scenario) => {
  test('come to what was asked for without SIGKILL', async () => {
    const { passed } = await play(scenario, null);
    for (const effect of scenario.effects) expect(passed).toContain(effect);
  });

  test.each(['before', 'after'] as const)('and with SIGKILL %s each effect', async (side) => {
    for (let at = 1; ; at++) {
      const death = { at, side };
      const { isDead } = await play(scenario, death).catch((error: unknown) => {
        throw new Error(`SIGKILL ${side} effect ${at}`, { cause: error });
      });
      if (!isDead) {
        expect(at).toBeGreaterThan(scenario.effects.length);
        break;
      }
    }
  });
});

test('and with SIGKILL of the one that comes back, too', { timeout: 600_000 }, async () => {
  const death = fc.record({
    at: fc.integer({ min: 1, max: 16 }),
    side: fc.constantFrom('before' as const, 'after' as const),
  });
  const property = fc.asyncProperty(
    fc.constantFrom(...SCENARIOS),
    death,
    death,
    async (...args) => {
      await play(...args);
    },
  );
  await fc.assert(property, { numRuns: 40 });
});
