// SPDX-License-Identifier: BSD-3-Clause
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { domainName as nameOfLibvirt } from '../../src/orchestrator/drivers/libvirt/xml/ownership.js';
import { domainName as nameOfXl } from '../../src/orchestrator/drivers/xl/domains.js';
import { processesNaming } from '../e2e/daemon-process.js';
import { DriverSession } from '../drivers/contract/session.js';
import { XenBed, xenHarness } from './bed.js';

const MEBIBYTE = 1024 ** 2;
/** What is left of the host, and how much of it a guest takes. */
const FREE_MEBIBYTES = 160;
const CREATE_MEBIBYTES = 64;
const XENCONSOLED =
  '$(echo /usr/lib/xen-[0-9]*/bin)/xenconsoled --pid-file=/run/xen/xenconsoled.pid --log=guest --log-dir=/var/log/xen/console';

/** After each fault: no domain twice, none lost, none left behind, and strangers as they were. */
describe.each(['xl', 'libvirt'] as const)('faults of a real Xen host, through %s', (driver) => {
  let bed: XenBed;
  let session: DriverSession;
  beforeAll(async () => {
    bed = await XenBed.start('pvh');
  });
  afterAll(() => bed.stop());
  beforeEach(async () => {
    const connect = () => (driver === 'xl' ? bed.connectXl() : bed.connectLibvirt());
    session = await DriverSession.open({ ...xenHarness(bed, 'pvh'), connect });
  });
  afterEach(async () => {
    await session.end();
    expect(await domains()).toEqual([]);
  });

  const domains = async () =>
    (await bed.succeed('xl list -v')).split('\n').filter((line) => /^\S*\s+[1-9]/.test(line));

  test('somebody else’s domain has the name: refused, and left alone', async () => {
    const spec = session.spec(bed.guests.daemon);
    const nameOf = driver === 'xl' ? nameOfXl : nameOfLibvirt;
    const stranger = await bed.createStranger(nameOf(spec.name, spec.id));
    try {
      await expect(session.driver.create(spec)).rejects.toMatchObject({ code: 'DRIVER_FAILED' });
      await session.driver.destroy(spec.id);
      expect(await stranger.alive()).toBe(true);
    } finally {
      await stranger.remove();
    }
  });

  test('the host runs out of memory in the midst of several creates', async () => {
    // What takes the rest is none of ours, and made beforehand: to fill gibibytes takes long under emulation.
    const free = Number(await bed.succeed("xl info | sed -n 's/^free_memory *: *//p'"));
    const stranger = await bed.createStranger('filler', free - FREE_MEBIBYTES);
    try {
      const memoryBytes = CREATE_MEBIBYTES * MEBIBYTE;
      const specs = [1, 2, 3, 4].map(() => session.spec(bed.guests.daemon, { memoryBytes }));
      const made = await Promise.allSettled(specs.map((spec) => session.driver.create(spec)));
      const refused = made.filter((each) => each.status === 'rejected');
      expect(refused.length).toBeGreaterThan(0);
      expect(refused.length).toBeLessThan(specs.length);
      for (const { reason } of refused) expect(reason).toMatchObject({ code: 'NO_CAPACITY' });
      expect(await domains()).toHaveLength(specs.length - refused.length + 1);
      expect(await stranger.alive()).toBe(true);
    } finally {
      await stranger.remove();
    }
  });

  test('the ssh connection is cut: guests live, and what happens afterwards is heard', async () => {
    const id = await session.start(bed.guests.daemon);
    await session.untilEvent(id, 'ready');
    const before = await domains();
    for (const pid of await processesNaming(bed.sharedConnection)) process.kill(pid, 'SIGKILL');
    if (driver === 'xl') {
      // It knows its host by nothing else.
      const told = (type: string) => session.events.some((event) => event.type === type);
      await session.until(() => told('host-down'), 'host-down');
      await session.until(() => session.events.at(-1)?.type === 'host-up', 'host-up');
    }
    expect(await session.observe(id)).toMatchObject({ state: 'running', owned: true });
    expect(session.typesOf(id)).toEqual(['started', 'ready']);
    expect(await domains()).toHaveLength(before.length);
    const { exit } = bed.guests;
    const ends = await session.start(exit);
    expect(await session.untilEnded(ends)).toMatchObject({ exitCode: exit.code });
    expect(session.typesOf(ends)).toEqual(['started', 'ready', 'ended']);
  });

  test('xl destroys a domain whose console is read: its end is told, and the host goes on', async () => {
    const { daemon } = bed.guests;
    const id = await session.start(daemon);
    const reading = session.output(id);
    await session.untilEvent(id, 'ready');
    await bed.killBehindBack(id);
    expect((await session.untilEnded(id)).reason).not.toBe('exited');
    expect(await reading).toContain(daemon.output);
    await session.untilEvent(await session.start(daemon), 'ready');
  });

  test('xenconsoled is killed and started again: guests live, and new ones are heard', async () => {
    const lives = await session.start(bed.guests.daemon);
    await session.untilEvent(lives, 'ready');
    await bed.succeed(`kill -9 $(cat /run/xen/xenconsoled.pid); ${XENCONSOLED}`);
    const { hello } = bed.guests;
    expect(await session.output(await session.start(hello))).toContain(hello.output);
    expect(await session.observe(lives)).toMatchObject({ state: 'running' });
  });

  if (driver === 'libvirt')
    test('libvirtd is killed and started again: the host is down, then up, and its guests live', async () => {
      const id = await session.start(bed.guests.daemon);
      await session.untilEvent(id, 'ready');
      const before = await domains();
      await bed.killLibvirtd();
      const told = (type: string) => session.events.some((event) => event.type === type);
      await session.until(() => told('host-down'), 'host-down');
      await bed.startLibvirtd();
      await session.until(() => session.events.at(-1)?.type === 'host-up', 'host-up');
      expect(await session.observe(id)).toMatchObject({ state: 'running', owned: true });
      expect(session.typesOf(id)).toEqual(['started', 'ready']);
      expect(await domains()).toEqual(before);
      const { exit } = bed.guests;
      expect(await session.untilEnded(await session.start(exit))).toMatchObject({
        exitCode: exit.code,
      });
    });
});
