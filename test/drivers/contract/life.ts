// SPDX-License-Identifier: BSD-3-Clause
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DriverHarness } from './harness.js';
import { DriverSession } from './session.js';

/** Creation, ends, lists and statistics. */
export function describeLife(harness: () => DriverHarness): void {
  describe('life', () => {
    let session: DriverSession;
    beforeEach(async () => {
      session = await DriverSession.open(harness());
    });
    afterEach(async () => {
      await session.end();
    });

    test('says what it can do, and what the host is', async () => {
      expect(session.driver.capabilities).toEqual(harness().capabilities);
      // An `open` that succeeds has said it: who hears of it again looks at all domains again.
      expect(session.events).not.toContainEqual({ type: 'host-up' });
      const facts = await session.driver.facts();
      expect(facts.hypervisor).not.toBe('');
      expect(facts.acceleration).not.toBe('');
      if (facts.memoryBytes !== null) expect(facts.memoryBytes).toBeGreaterThan(0);
      if (facts.cpus !== null) expect(facts.cpus).toBeGreaterThan(0);
    });

    test('tells started, ready and ended, in this order and once', async () => {
      const id = await session.start(harness().guests.hello);
      const exit = await session.untilEnded(id);
      expect(session.typesOf(id)).toEqual(['started', 'ready', 'ended']);
      expect(exit.reason).toBe('exited');
      expect(exit.message).not.toBe('');
      if (harness().capabilities.exitCode) expect(exit.exitCode).toBe(0);
    });

    test('tells a guest’s own exit code', async (context) => {
      if (!harness().capabilities.exitCode) context.skip('the driver knows no exit codes');
      const { exit } = harness().guests;
      const id = await session.start(exit);
      expect(await session.untilEnded(id)).toMatchObject({ reason: 'exited', exitCode: exit.code });
    });

    test('tells a crash as a crash', async () => {
      const id = await session.start(harness().guests.crash);
      const exit = await session.untilEnded(id);
      expect(exit.reason).toBe('crashed');
      expect(exit.message).not.toBe('');
    });

    test('lists a running domain as ours, with its name and readiness', async () => {
      const spec = session.spec(harness().guests.daemon);
      await session.driver.create(spec);
      await session.untilEvent(spec.id, 'ready');
      expect(await session.observe(spec.id)).toMatchObject({
        name: spec.name,
        owned: true,
        state: 'running',
        exit: null,
      });
      const told = session.eventsOf(spec.id).find((event) => event.type === 'ready');
      const ready = { bootNanoseconds: told?.bootNanoseconds };
      expect((await session.observe(spec.id))?.ready).toEqual(ready);
    });

    test('lists what ended until it is destroyed', async () => {
      const ended = await session.start(harness().guests.hello);
      const crashed = await session.start(harness().guests.crash);
      const exits = [await session.untilEnded(ended), await session.untilEnded(crashed)];
      for (const [index, id] of [ended, crashed].entries()) {
        const shown = await session.observe(id);
        if (shown === undefined) continue; // a driver that remembers nothing of them
        expect(shown.state).toBe(index === 0 ? 'stopped' : 'crashed');
        expect(shown.exit?.reason).toBe(exits[index]?.reason);
        await session.driver.destroy(id);
        expect(await session.observe(id)).toBeUndefined();
      }
    });

    test('does nothing if a domain with this id exists', async () => {
      const spec = session.spec(harness().guests.daemon);
      await Promise.all([session.driver.create(spec), session.driver.create(spec)]);
      await session.driver.create(spec);
      await session.untilEvent(spec.id, 'ready');
      expect((await session.driver.list()).filter(({ id }) => id === spec.id)).toHaveLength(1);
      expect(session.typesOf(spec.id).filter((type) => type === 'started')).toHaveLength(1);
    });

    test('destroys a running domain at once and completely', async () => {
      const id = await session.start(harness().guests.daemon);
      await session.untilEvent(id, 'ready');
      await session.driver.destroy(id);
      expect(await session.observe(id)).toBeUndefined();
      expect((await session.untilEnded(id)).reason).toBe('destroyed');
      await expect(session.output(id)).rejects.toMatchObject({ code: 'DOMAIN_NOT_FOUND' });
    });

    test('destroys twice, at the same time, and what never was', async () => {
      const id = await session.start(harness().guests.daemon);
      await Promise.all([session.driver.destroy(id), session.driver.destroy(id)]);
      await session.driver.destroy(id);
      await session.driver.destroy(randomUUID());
      expect(await session.observe(id)).toBeUndefined();
      expect(session.typesOf(id).filter((type) => type === 'ended').length).toBeLessThanOrEqual(1);
    });

    test('can create a domain again after it was destroyed', async () => {
      const spec = session.spec(harness().guests.hello);
      for (const round of [1, 2]) {
        await session.driver.create(spec);
        await session.until(
          () => session.typesOf(spec.id).filter((type) => type === 'ended').length === round,
          `end ${round}`,
        );
        await session.driver.destroy(spec.id);
      }
    });

    test('shows strangers and refuses to destroy them', async (context) => {
      const { createStranger } = harness();
      if (createStranger === null) return context.skip('the host holds no strangers');
      const stranger = await createStranger();
      try {
        expect(await session.observe(stranger.id)).toMatchObject({ owned: false });
        await expect(session.driver.destroy(stranger.id)).rejects.toMatchObject({
          code: 'DOMAIN_NOT_FOUND',
        });
        expect(await stranger.alive()).toBe(true);
        expect(session.eventsOf(stranger.id)).toEqual([]);
      } finally {
        await stranger.remove();
      }
    });

    test('sees a domain that was killed behind its back', async (context) => {
      const { killBehindBack } = harness();
      if (killBehindBack === null) return context.skip('the harness cannot kill a domain');
      const id = await session.start(harness().guests.daemon);
      await session.untilEvent(id, 'ready');
      await killBehindBack(id);
      expect((await session.untilEnded(id)).reason).not.toBe('exited');
    });

    test('starts many at the same time', async () => {
      const count = harness().concurrentCreates;
      const ids = await Promise.all(
        Array.from({ length: count }, () => session.start(harness().guests.daemon)),
      );
      for (const id of ids) await session.untilEvent(id, 'ready');
      const listed = new Set((await session.driver.list()).map(({ id }) => id));
      expect(ids.filter((id) => listed.has(id))).toHaveLength(count);
      await Promise.all(ids.map((id) => session.driver.destroy(id)));
      expect((await session.driver.list()).filter(({ id }) => ids.includes(id))).toEqual([]);
    });

    test('creates nothing for a signal that has fired', async () => {
      const spec = session.spec(harness().guests.daemon);
      const reason = new Error('changed my mind');
      await expect(session.driver.create(spec, AbortSignal.abort(reason))).rejects.toBe(reason);
      expect(await session.observe(spec.id)).toBeUndefined();
    });

    test('an aborted creation can be destroyed, and nothing is left', async () => {
      const spec = session.spec(harness().guests.daemon);
      const abort = new AbortController();
      const created = session.driver.create(spec, abort.signal).catch((error: unknown) => error);
      abort.abort();
      await created;
      await session.driver.destroy(spec.id);
      expect(await session.observe(spec.id)).toBeUndefined();
    });

    test('samples all domains that run', async (context) => {
      if (!harness().capabilities.stats) {
        await expect(session.driver.stats()).rejects.toMatchObject({ code: 'DRIVER_UNSUPPORTED' });
        return context.skip('the driver has no statistics');
      }
      const id = await session.start(harness().guests.daemon);
      await session.untilEvent(id, 'ready');
      const sample = (await session.driver.stats()).find((stats) => stats.id === id);
      expect(sample?.cpuNanoseconds).toBeGreaterThanOrEqual(0);
      expect(sample?.memoryBytes).toBeGreaterThan(0);
    });

    test('names what is missing when an operation has no domain', async () => {
      const id = randomUUID();
      const notFound = { code: 'DOMAIN_NOT_FOUND' };
      const { pause, gracefulShutdown, console } = harness().capabilities;
      if (pause) {
        await expect(session.driver.pause(id)).rejects.toMatchObject(notFound);
        await expect(session.driver.resume(id)).rejects.toMatchObject(notFound);
      }
      if (gracefulShutdown)
        await expect(session.driver.shutdown(id)).rejects.toMatchObject(notFound);
      if (console !== 'none') await expect(session.output(id)).rejects.toMatchObject(notFound);
      if (console === 'both') {
        const written = session.driver.writeConsole(id, Buffer.from('x'));
        await expect(written).rejects.toMatchObject(notFound);
      }
    });

    test('runs an import that reports no readiness', async (context) => {
      const { silent } = harness().guests;
      if (silent === null) return context.skip('no such image for this host');
      const id = await session.start(silent);
      await session.untilEvent(id, 'started');
      expect(await session.observe(id)).toMatchObject({ state: 'running', ready: null });
    });
  });
}
