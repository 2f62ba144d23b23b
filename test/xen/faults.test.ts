// SPDX-License-Identifier: BSD-3-Clause
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { domainName } from '../../src/orchestrator/drivers/xl/domains.js';
import { processesNaming } from '../e2e/daemon-process.js';
import { DriverSession } from '../drivers/contract/session.js';
import { XenBed, xenHarness } from './bed.js';

const GIBIBYTE = 1024 ** 3;
const XENCONSOLED =
  '$(echo /usr/lib/xen-[0-9]*/bin)/xenconsoled --pid-file=/run/xen/xenconsoled.pid --log=guest --log-dir=/var/log/xen/console';

/** After each fault: no domain twice, none lost, none left behind, and strangers as they were. */
describe('faults of a real Xen host, through xl', () => {
  let bed: XenBed;
  let session: DriverSession;
  beforeAll(async () => {
    bed = await XenBed.start('pvh');
  });
  afterAll(() => bed.stop());
  beforeEach(async () => {
    session = await DriverSession.open({
      ...xenHarness(bed, 'pvh'),
      connect: () => bed.connectXl(),
    });
  });
  afterEach(async () => {
    await session.end();
    expect(await domains()).toEqual([]);
  });

  const domains = async () =>
    (await bed.succeed('xl list -v')).split('\n').filter((line) => /^\S+\s+[1-9]/.test(line));

  test('somebody else’s domain has the name: refused, and left alone', async () => {
    const spec = session.spec(bed.guests.daemon);
    const stranger = await bed.createStranger(domainName(spec.name, spec.id));
    try {
      await expect(session.driver.create(spec)).rejects.toMatchObject({ code: 'DRIVER_FAILED' });
      await session.driver.destroy(spec.id);
      expect(await stranger.alive()).toBe(true);
    } finally {
      await stranger.remove();
    }
  });

  test('the host runs out of memory in the midst of several creates', async () => {
    const specs = [1, 2, 3].map(() =>
      session.spec(bed.guests.daemon, { memoryBytes: 3 * GIBIBYTE }),
    );
    const made = await Promise.allSettled(specs.map((spec) => session.driver.create(spec)));
    const refused = made.filter((each) => each.status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'NO_CAPACITY' });
    expect(await domains()).toHaveLength(specs.length - refused.length);
  });

  test('the ssh connection is cut: the host is down, then up, and its guests live', async () => {
    const id = await session.start(bed.guests.daemon);
    await session.untilEvent(id, 'ready');
    const before = await domains();
    for (const pid of await processesNaming(bed.sharedConnection)) process.kill(pid, 'SIGKILL');
    const told = (type: string) => session.events.some((event) => event.type === type);
    await session.until(() => told('host-down'), 'host-down');
    await session.until(() => session.events.at(-1)?.type === 'host-up', 'host-up');
    expect(await session.observe(id)).toMatchObject({ state: 'running', owned: true });
    expect(session.typesOf(id)).toEqual(['started', 'ready']);
    expect((await domains()).length).toBe(before.length);
  });

  test('xenconsoled is killed and started again: guests live, and new ones are heard', async () => {
    const lives = await session.start(bed.guests.daemon);
    await session.untilEvent(lives, 'ready');
    await bed.succeed(`kill -9 $(cat /run/xen/xenconsoled.pid); ${XENCONSOLED}`);
    const { hello } = bed.guests;
    expect(await session.output(await session.start(hello))).toContain(hello.output);
    expect(await session.observe(lives)).toMatchObject({ state: 'running' });
  });
});
