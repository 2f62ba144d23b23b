// SPDX-License-Identifier: BSD-3-Clause
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DriverSession } from '../drivers/contract/session.js';
import { XenBed, xenHarness } from './bed.js';

const COUNT = 4;

/** Transactions are refused at random, as happens to those that meet: guests and toolstack must begin them anew. */
describe('oxenstored that refuses transactions', () => {
  let bed: XenBed;
  beforeAll(async () => {
    bed = await XenBed.start('pvh', { store: 'oxenstored-refusing' });
  });
  afterAll(() => bed.stop());

  test.each(['xl', 'libvirt'] as const)(
    'through %s, none is lost, and none is left',
    async (driver) => {
      const connect = () => (driver === 'xl' ? bed.connectXl() : bed.connectLibvirt());
      const session = await DriverSession.open({ ...xenHarness(bed, 'pvh'), connect });
      const { daemon, exit } = bed.guests;
      const before = await inXenstore();
      const stranger = await bed.createStranger();
      try {
        const start = () => session.start(daemon);
        const lives = await Promise.all(Array.from({ length: COUNT }, start));
        for (const id of lives) await session.untilEvent(id, 'ready');
        const ends = await session.start(exit);
        expect(await session.untilEnded(ends)).toMatchObject({ exitCode: exit.code });
        for (const id of lives) expect(session.typesOf(id)).toEqual(['started', 'ready']);
        const listed = await bed.succeed('xl list -v');
        for (const id of lives) expect(listed.split(id)).toHaveLength(2);
        await Promise.all([...lives, ends].map((id) => session.driver.destroy(id)));
        expect(await stranger.alive()).toBe(true);
      } finally {
        await session.end();
        await stranger.remove();
      }
      expect(await inXenstore()).toEqual(before);
    },
  );

  /** `/vm` is made with the first guest. */
  async function inXenstore() {
    const lists = [
      await bed.succeed('xenstore-list /local/domain'),
      await bed.succeed('xenstore-list /vm 2>/dev/null || true'),
    ];
    return { running: await bed.succeed('pgrep -x oxenstored >/dev/null && echo yes'), lists };
  }
});
