// SPDX-License-Identifier: BSD-3-Clause
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DriverHarness } from './harness.js';
import { DriverSession } from './session.js';

const UNSUPPORTED = { code: 'DRIVER_UNSUPPORTED' };

/** Pause, resume, creation in the paused state, and the polite shutdown. */
export function describePausing(harness: () => DriverHarness): void {
  describe('pausing and shutdown', () => {
    let session: DriverSession;
    beforeEach(async () => {
      session = await DriverSession.open(harness());
    });
    afterEach(async () => {
      await session.end();
    });

    test('pauses and resumes, or refuses to', async () => {
      const id = await session.start(harness().guests.daemon);
      await session.untilEvent(id, 'ready');
      if (!harness().capabilities.pause) {
        await expect(session.driver.pause(id)).rejects.toMatchObject(UNSUPPORTED);
        await expect(session.driver.resume(id)).rejects.toMatchObject(UNSUPPORTED);
        return;
      }
      await session.driver.pause(id);
      await session.untilEvent(id, 'paused');
      expect((await session.observe(id))?.state).toBe('paused');
      await session.driver.resume(id);
      await session.untilEvent(id, 'resumed');
      expect((await session.observe(id))?.state).toBe('running');
      expect(session.typesOf(id)).toEqual(['started', 'ready', 'paused', 'resumed']);
    });

    test('pausing twice and resuming twice does nothing more', async (context) => {
      if (!harness().capabilities.pause) return context.skip('the driver cannot pause');
      const id = await session.start(harness().guests.daemon);
      await session.untilEvent(id, 'ready');
      await session.driver.pause(id);
      await session.driver.pause(id);
      expect((await session.observe(id))?.state).toBe('paused');
      await session.driver.resume(id);
      await session.driver.resume(id);
      expect((await session.observe(id))?.state).toBe('running');
    });

    test('destroys a paused domain', async (context) => {
      if (!harness().capabilities.pause) return context.skip('the driver cannot pause');
      const id = await session.start(harness().guests.daemon);
      await session.driver.pause(id);
      await session.driver.destroy(id);
      expect(await session.observe(id)).toBeUndefined();
    });

    test('creates paused before main, or refuses to', async () => {
      const spec = session.spec(harness().guests.hello, { paused: true });
      if (!harness().capabilities.createPaused) {
        await expect(session.driver.create(spec)).rejects.toMatchObject(UNSUPPORTED);
        expect(await session.observe(spec.id)).toBeUndefined();
        return;
      }
      await session.driver.create(spec);
      expect(await session.observe(spec.id)).toMatchObject({ state: 'paused', ready: null });
      expect(session.typesOf(spec.id)).not.toContain('ready');
      await session.driver.resume(spec.id);
      expect((await session.untilEnded(spec.id)).reason).toBe('exited');
      const types = session.typesOf(spec.id);
      expect(types.indexOf('ready')).toBeGreaterThan(types.indexOf('resumed'));
    });

    test('asks a guest to end, or refuses to', async () => {
      const id = await session.start(harness().guests.daemon);
      await session.untilEvent(id, 'ready');
      if (!harness().capabilities.gracefulShutdown) {
        await expect(session.driver.shutdown(id)).rejects.toMatchObject(UNSUPPORTED);
        return;
      }
      await session.driver.shutdown(id);
      expect((await session.untilEnded(id)).reason).toBe('exited');
    });
  });
}
