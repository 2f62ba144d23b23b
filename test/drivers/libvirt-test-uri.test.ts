// SPDX-License-Identifier: BSD-3-Clause
import { expect, test } from 'vitest';
import type { StoredImage } from '../../src/build/image.js';
import { LibvirtDriver } from '../../src/orchestrator/drivers/libvirt/index.js';

const silent = () => undefined;
const LOGGER = { debug: silent, info: silent, warn: silent, error: silent };
const ID = '5d0c8f6e-3b7e-4a44-9a51-0c6f1d2e3f40';

/** libvirt's mock driver lives in the process: no consoles, no readiness, but all of the calls and events. */
test('creates, pauses, resumes, lists and destroys on test:///default', async () => {
  const driver = new LibvirtDriver({
    uri: 'test:///default',
    owner: 'me',
    directory: '/nonexistent',
    logger: LOGGER,
  });
  const events: string[] = [];
  driver.onEvent(({ type }) => events.push(type));
  await driver.open();
  const spec = {
    id: ID,
    name: 'web',
    image: { path: '/boot/web', manifest: { reportsReady: true } } as unknown as StoredImage,
    memoryBytes: 4 * 1024 * 1024,
    vcpus: 1,
    args: [],
    paused: false,
    park: false,
  };
  await driver.create(spec);
  await driver.create(spec);
  const listed = await driver.list();
  expect(listed.find(({ id }) => id === ID)).toMatchObject({ name: 'web', owned: true });
  const stranger = listed.find(({ name }) => name === 'test');
  expect(stranger).toMatchObject({ owned: false, state: 'running' });
  await expect(driver.destroy(stranger!.id)).rejects.toMatchObject({ code: 'DOMAIN_NOT_FOUND' });
  await driver.pause(ID);
  expect((await driver.list()).find(({ id }) => id === ID)?.state).toBe('paused');
  await driver.resume(ID);
  await expect(
    driver.create({ ...spec, id: ID.replace('5d', '6d'), paused: true }),
  ).rejects.toMatchObject({ code: 'DRIVER_UNSUPPORTED' });
  await driver.destroy(ID);
  expect((await driver.list()).some(({ id }) => id === ID)).toBe(false);
  // They come by a thread of their own.
  await expect.poll(() => events).toEqual(['started', 'paused', 'resumed', 'ended']);
  await driver.close();
});

test('refuses a hypervisor that it builds no domains for', () => {
  const make = () =>
    new LibvirtDriver({
      uri: 'lxc:///system',
      owner: 'me',
      directory: '/nonexistent',
      logger: LOGGER,
    });
  expect(make).toThrow(expect.objectContaining({ code: 'DRIVER_UNSUPPORTED' }));
});
