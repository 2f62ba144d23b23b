// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, test } from 'vitest';
import type { DriverHarness } from './harness.js';
import { DriverSession } from './session.js';

/** A daemon that went away and came back: a new driver object on the same host. */
export function describeRestart(harness: () => DriverHarness): void {
  describe('restart', () => {
    test('finds what still runs, and reports its end', async () => {
      const before = await DriverSession.open(harness());
      const spec = before.spec(harness().guests.daemon);
      await before.driver.create(spec);
      await before.untilEvent(spec.id, 'ready');
      await before.driver.close();

      const after = await DriverSession.open(harness());
      try {
        const shown = await after.observe(spec.id);
        expect(shown).toMatchObject({ name: spec.name, owned: true, state: 'running' });
        expect(shown?.ready).not.toBeNull();
        await after.driver.create(spec);
        expect((await after.driver.list()).filter(({ id }) => id === spec.id)).toHaveLength(1);
        await after.driver.destroy(spec.id);
        expect((await after.untilEnded(spec.id)).reason).toBe('destroyed');
        expect(await after.observe(spec.id)).toBeUndefined();
      } finally {
        await after.driver.destroy(spec.id);
        await after.end();
      }
    });

    test('finds what ended meanwhile', async () => {
      const before = await DriverSession.open(harness());
      const { exit } = harness().guests;
      const id = await before.start(exit);
      await before.driver.close();

      const after = await DriverSession.open(harness());
      try {
        const ended = async () => (await after.observe(id))?.exit !== null;
        const giveUp = Date.now() + harness().patienceMilliseconds;
        while (!(await ended())) expect(Date.now()).toBeLessThan(giveUp);
        const shown = await after.observe(id);
        if (shown !== undefined) {
          expect(shown).toMatchObject({ owned: true, state: 'stopped' });
          if (harness().capabilities.exitCode) expect(shown.exit?.exitCode).toBe(exit.code);
        }
      } finally {
        await after.driver.destroy(id);
        await after.end();
      }
    });

    test('reads the console from before the restart', async (context) => {
      if (harness().capabilities.console === 'none') return context.skip('no console');
      const before = await DriverSession.open(harness());
      const { daemon } = harness().guests;
      const id = await before.start(daemon);
      await before.untilEvent(id, 'ready');
      await before.driver.close();

      const after = await DriverSession.open(harness());
      try {
        const text = await after.output(id, (seen) => seen.includes(daemon.output));
        expect(text).toContain(daemon.output);
      } finally {
        await after.driver.destroy(id);
        await after.end();
      }
    });

    test('a closed driver refuses calls, and closing twice is fine', async () => {
      const session = await DriverSession.open(harness());
      await session.driver.close();
      await session.driver.close();
      await expect(session.driver.list()).rejects.toMatchObject({ code: 'HOST_UNAVAILABLE' });
    });
  });
}
