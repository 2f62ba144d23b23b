// SPDX-License-Identifier: BSD-3-Clause
import { afterAll, beforeAll, describe, test, vi } from 'vitest';
import { XenBed } from './bed.js';
import { DaemonBed } from './daemon-bed.js';
import { Halt, type HaltPlace } from './halt.js';

vi.setConfig({ testTimeout: 900_000 });

/** Xen has the domain, and nobody has written down whose it is; it is known to xenstored; it is whole, and about to run. */
const PLACES: readonly HaltPlace[] = [
  { when: 'after', function: 'xc_domain_create' },
  { when: 'before', function: 'xs_introduce_domain' },
  { when: 'before', function: 'xc_domain_unpause' },
];
const named = PLACES.map((place) => ({ place, at: Object.values(place).join(' ') }));

/** A creation that ends in its midst: no domain twice, none lost, none left behind, and strangers as they were. */
let bed: XenBed;
let halt: Halt;
beforeAll(async () => {
  bed = await XenBed.start('pvh');
  halt = await Halt.install(bed);
});
afterAll(() => bed.stop());

describe('in the midst of xl create', () => {
  let daemon: DaemonBed;
  let image: string;
  beforeAll(async () => {
    daemon = await DaemonBed.start(bed, 'driver = "xl"');
    image = await daemon.newImage();
  });
  afterAll(() => daemon.stop());

  test.each(named)('$at, xl is killed', async ({ place }) => {
    await halt.close(place);
    const id = await daemon.accept(image);
    await halt.reached();
    await halt.kill();
    await daemon.livesOnce(id);
  });

  // To unpause is another command, which is of no harm to what is made anew.
  const inCreate = named.filter(({ place }) => place.function !== 'xc_domain_unpause');
  test.each(inCreate)('$at, the daemon is killed: the next one ends its xl', async ({ place }) => {
    await halt.close(place);
    const id = await daemon.accept(image);
    await halt.reached();
    await daemon.dieAndRise();
    await daemon.livesOnce(id);
    await halt.ended();
  });

  test.each(named)('$at, the daemon is killed, and xl goes on', async ({ place }) => {
    await halt.close(place);
    const id = await daemon.accept(image);
    await halt.reached();
    await daemon.daemon.end('SIGKILL');
    await halt.open();
    await daemon.daemon.start();
    await daemon.livesOnce(id);
  });
});

describe('in the midst of a creation by libvirt', () => {
  let daemon: DaemonBed;
  let image: string;
  beforeAll(async () => {
    daemon = await DaemonBed.start(bed, `driver = "libvirt"\nuri = "${bed.host.libvirtUri}"`);
    image = await daemon.newImage();
  });
  afterAll(() => daemon.stop());

  test.each(named)('$at, libvirtd is killed and started again', async ({ place }) => {
    await halt.close(place);
    const id = await daemon.accept(image);
    await halt.reached();
    await halt.kill();
    await bed.startLibvirtd();
    await daemon.livesOnce(id);
  });

  test.each(named)('$at, the daemon is killed, and libvirtd goes on', async ({ place }) => {
    await halt.close(place);
    const id = await daemon.accept(image);
    await halt.reached();
    await daemon.daemon.end('SIGKILL');
    await halt.open();
    await daemon.daemon.start();
    await daemon.livesOnce(id);
  });
});
