// SPDX-License-Identifier: BSD-3-Clause
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, type TestContext } from 'vitest';
import { HOSTILE_ARGUMENTS } from './console.js';
import type { ContractGuests, DriverHarness } from './harness.js';
import { DriverSession } from './session.js';

const NOT_PARKED = { code: 'INVALID_PHASE' };

/** Guests that have booted and wait before `main` to be claimed. */
export function describeParking(harness: () => DriverHarness, parks: boolean): void {
  describe('parking', () => {
    let session: DriverSession;
    beforeEach(async () => {
      session = await DriverSession.open(harness());
    });
    afterEach(async () => {
      await session.end();
    });

    const guestOf = (context: TestContext): NonNullable<ContractGuests['parking']> => {
      const { parking } = harness().guests;
      if (parking === null) return context.skip('guests of this driver cannot park');
      return parking;
    };
    const park = async (context: TestContext): Promise<string> => {
      const id = await session.start({ image: guestOf(context).image, args: [] }, { park: true });
      await session.untilEvent(id, 'parked');
      return id;
    };

    test('says whether it can, and refuses if it cannot', async () => {
      const { guests, capabilities } = harness();
      expect([guests.parking !== null, capabilities.park]).toEqual([parks, parks]);
      const unsupported = { code: 'DRIVER_UNSUPPORTED' };
      const notFound = { code: 'DOMAIN_NOT_FOUND' };
      const claimed = session.driver.claim(randomUUID(), { name: 'x', args: [] });
      await expect(claimed).rejects.toMatchObject(capabilities.park ? notFound : unsupported);
      if (capabilities.park) return;
      const spec = session.spec({ ...guests.daemon, args: [] }, { park: true });
      await expect(session.driver.create(spec)).rejects.toMatchObject(unsupported);
      expect(await session.observe(spec.id)).toBeUndefined();
    });
    if (!parks) return;

    test('waits before main, and goes there with what it is claimed with', async (context) => {
      const id = await park(context);
      expect(await session.observe(id)).toMatchObject({
        owned: true,
        state: 'running',
        parked: true,
        ready: null,
      });
      await session.driver.claim(id, { name: 'web-1', args: HOSTILE_ARGUMENTS });
      expect((await session.untilEnded(id)).reason).toBe('exited');
      expect(session.typesOf(id)).toEqual(['started', 'parked', 'ready', 'ended']);
      const rendered = guestOf(context).render('web-1', HOSTILE_ARGUMENTS);
      expect(await session.output(id)).toContain(Buffer.from(rendered).toString('latin1'));
    });

    test('can be claimed without arguments', async (context) => {
      const id = await park(context);
      await session.driver.claim(id, { name: 'web-2', args: [] });
      await session.untilEnded(id);
      expect(await session.output(id)).toContain(guestOf(context).render('web-2', []));
    });

    test('is claimed once, by whoever is first', async (context) => {
      const id = await park(context);
      const claims = ['one', 'two', 'three'].map((name) => {
        return session.driver.claim(id, { name, args: [name] });
      });
      const outcomes = await Promise.allSettled(claims);
      const refused = outcomes.filter(({ status }) => status === 'rejected');
      expect(refused).toHaveLength(2);
      // The one that was claimed may have ended by then.
      const reason = {
        code: expect.stringMatching(/^(?:INVALID_PHASE|DOMAIN_NOT_FOUND)$/) as string,
      };
      for (const outcome of refused) expect(outcome).toMatchObject({ reason });
      await session.untilEvent(id, 'ready');
      expect((await session.observe(id))?.parked ?? false).toBe(false);
    });

    test('stays parked if the arguments are too long for it', async (context) => {
      const id = await park(context);
      const args = ['x'.repeat(5_000)];
      const refused = session.driver.claim(id, { name: 'long', args });
      await expect(refused).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
      expect((await session.observe(id))?.parked).toBe(true);
      await session.driver.claim(id, { name: 'short', args: [] });
      await session.untilEvent(id, 'ready');
    });

    test('refuses to claim what is not parked', async (context) => {
      guestOf(context);
      const id = await session.start(harness().guests.daemon);
      await session.untilEvent(id, 'ready');
      const refused = session.driver.claim(id, { name: 'x', args: [] });
      await expect(refused).rejects.toMatchObject(NOT_PARKED);
      expect(await session.observe(id)).toMatchObject({ parked: false });
    });

    test('is found by the next daemon, which can claim it', async (context) => {
      const id = await park(context);
      await session.driver.close();
      const after = await DriverSession.open(harness());
      try {
        expect(await after.observe(id)).toMatchObject({ parked: true, ready: null });
        await after.driver.claim(id, { name: 'later', args: ['a b'] });
        expect((await after.untilEnded(id)).reason).toBe('exited');
        expect(await after.output(id)).toContain(guestOf(context).render('later', ['a b']));
      } finally {
        await after.driver.destroy(id);
        await after.end();
        session = await DriverSession.open(harness());
      }
    });

    test('can be destroyed', async (context) => {
      const id = await park(context);
      await session.driver.destroy(id);
      expect(await session.observe(id)).toBeUndefined();
      const claimed = session.driver.claim(id, { name: 'x', args: [] });
      await expect(claimed).rejects.toMatchObject({ code: 'DOMAIN_NOT_FOUND' });
    });
  });
}
