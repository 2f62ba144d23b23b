// SPDX-License-Identifier: BSD-3-Clause
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { consoleLogPath, XlCommands } from '../../src/orchestrator/drivers/dom0/index.js';
import { XenBed } from './bed.js';

const KERNEL = '/root/named-kernel';
const PATIENCE = { timeout: 60_000, interval: 300 };

/** xl makes domains without names, and paused; they are named, and run, afterwards. */
let bed: XenBed;
let xl: XlCommands;
beforeAll(async () => {
  bed = await XenBed.start('pvh');
  xl = new XlCommands(bed.dom0);
  await bed.host.put(bed.guests.daemon.image.path, KERNEL);
});
afterAll(() => bed.stop());
afterEach(async () => {
  for (const { domid, uuid: id, name } of await xl.list()) await xl.destroy({ domid, id, name });
});

const newDomain = () => ({
  name: `web-${randomUUID().slice(0, 8)}`,
  uuid: randomUUID(),
  type: 'pvh' as const,
  kernel: KERNEL,
  commandLine: '-- hold',
  memoryMebibytes: 2,
  vcpus: 1,
});
const log = (name: string) => bed.succeed(`cat ${consoleLogPath(name)}`);

test('one that is named late: all that it prints is kept under its name', async () => {
  const domain = newDomain();
  const { name } = domain;
  expect(await xl.create(domain, 'nameless')).toBe('created');
  const [made] = await xl.list();
  expect(made).toMatchObject({ name: '', uuid: domain.uuid, state: 'paused' });
  const domid = made?.domid ?? 0;
  // xenconsoled has looked for a name by now, and found none.
  await expect(log(name)).rejects.toThrow();
  await bed.succeed(`xenstore-write /local/domain/${domid}/name ${name}`);
  await xl.complete(name, domid, false);
  await expect.poll(() => log(name), PATIENCE).toContain(bed.guests.daemon.output);
  expect(await xl.destroy({ domid, id: domain.uuid, name })).toBe(true);
  await expect(log(name)).rejects.toThrow();
});

test('one that is to stay paused prints nothing yet, and has its log', async () => {
  const domain = newDomain();
  await xl.create(domain, 'nameless');
  const domid = (await xl.list())[0]?.domid ?? 0;
  await bed.succeed(`xenstore-write /local/domain/${domid}/name ${domain.name}`);
  await xl.complete(domain.name, domid, true);
  expect(await log(domain.name)).toBe('');
  expect(await xl.list()).toEqual([
    expect.objectContaining({ name: domain.name, state: 'paused' }),
  ]);
});

test('libxl gives the name itself where it is to', async () => {
  const [running, paused] = [newDomain(), newDomain()];
  await xl.create(running, 'running');
  await xl.create(paused, 'paused');
  await expect.poll(() => log(running.name), PATIENCE).toContain(bed.guests.daemon.output);
  const states = new Map((await xl.list()).map(({ name, state }) => [name, state]));
  expect(states).toEqual(
    new Map([
      [running.name, 'running'],
      [paused.name, 'paused'],
    ]),
  );
});

test('a log that is there lets libxl look whether the name is taken', async () => {
  const domain = newDomain();
  await bed.succeed(`touch ${consoleLogPath(domain.name)}`);
  expect(await xl.create(domain, 'nameless')).toBe('created');
  expect(await xl.list()).toEqual([expect.objectContaining({ name: domain.name })]);
  expect(await xl.create({ ...domain, uuid: randomUUID() }, 'nameless')).toBe('exists');
  expect(await xl.list()).toHaveLength(1);
});

test('creations that go on in dom0 are seen, and can be ended, whoever began them', async () => {
  const uuid = randomUUID();
  expect(await xl.underWay()).toEqual(new Set());
  const words = ['sh', '-c', 'read line </run/held', 'xl', `uuid="${uuid}"`].map(
    (word) => `'${word}'`,
  );
  await bed.succeed(`mkfifo /run/held; ${words.join(' ')} >/dev/null 2>&1 &`);
  await expect.poll(() => xl.underWay(), PATIENCE).toEqual(new Set([uuid]));
  await xl.endCreation(uuid);
  expect(await xl.underWay()).toEqual(new Set());
});
