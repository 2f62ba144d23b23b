// SPDX-License-Identifier: BSD-3-Clause
import { afterAll, beforeAll, describe, test, vi } from 'vitest';
import { XenBed } from './bed.js';
import { DaemonBed } from './daemon-bed.js';
import { Dom0Gate, type GatePlace } from './dom0-gate.js';
import { type CallPlace, LibvirtGate } from './libvirt-gate.js';

// A daemon dies, is started, and finds out on a host that a busy machine emulates.
vi.setConfig({ testTimeout: 900_000 });

type Place = GatePlace | CallPlace;

const COPY: readonly Place[] = [
  { when: 'before', command: 'mkdir *images*' },
  { when: 'before', command: 'mv *images*' },
];
/** What each driver does to the host, step by step. */
const PLACES: Record<
  'xl' | 'libvirt',
  { creation: readonly Place[]; destruction: readonly Place[] }
> = {
  xl: {
    creation: [
      ...COPY,
      { when: 'before', command: 'xl create*' },
      { when: 'after', command: 'xl create*' },
    ],
    destruction: [
      { when: 'before', command: 'xl destroy*' },
      { when: 'after', command: 'xl destroy*' },
    ],
  },
  libvirt: {
    creation: [
      ...COPY,
      { when: 'before', call: 'DomainCreateXML' },
      { when: 'after', call: 'DomainCreateXML' },
    ],
    destruction: [
      { when: 'before', call: 'DomainDestroyFlags' },
      { when: 'after', call: 'DomainDestroyFlags' },
      { when: 'before', command: 'rm *console*' },
    ],
  },
};
const named = (places: readonly Place[]) =>
  places.map((place) => ({ place, at: Object.values(place).join(' ') }));

let bed: XenBed;
let dom0: Dom0Gate;
let libvirtd: LibvirtGate;
beforeAll(async () => {
  bed = await XenBed.start('pvh');
  dom0 = await Dom0Gate.install(bed);
  libvirtd = await LibvirtGate.before(bed.host.libvirtUri);
});
afterAll(async () => {
  await libvirtd.stop();
  await bed.stop();
});

/** After each death: no domain twice, none lost, none left behind, and strangers as they were. */
describe.each(['xl', 'libvirt'] as const)('the daemon through %s, killed', (driver) => {
  let daemon: DaemonBed;
  let image: string;
  beforeAll(async () => {
    const uri = driver === 'xl' ? '' : `uri = "${libvirtd.uri}"`;
    daemon = await DaemonBed.start(bed, `driver = "${driver}"\n${uri}`);
    image = await daemon.newImage();
  });
  afterAll(() => daemon.stop());

  /** Closes the gate of a place; what is given back opens it. */
  async function close(place: Place) {
    const gate = 'command' in place ? dom0 : libvirtd;
    await ('command' in place ? dom0.close(place) : libvirtd.close(place));
    return gate;
  }

  test.each(named(PLACES[driver].creation))('at a creation, $at', async ({ place }) => {
    const gate = await close(place);
    const id = await daemon.accept(COPY.includes(place) ? await daemon.newImage() : image);
    await gate.reached();
    await daemon.dieAndRise();
    // What the dead one has begun goes on only when the new one has done its work.
    await daemon.isRunning(id);
    await gate.open();
    await daemon.livesOnce(id);
    await daemon.imagesAreWhole();
  });

  test.each(named(PLACES[driver].destruction))('at a deletion, $at', async ({ place }) => {
    const id = await daemon.accept(image);
    await daemon.isRunning(id);
    const gate = await close(place);
    await daemon.daemon.delete(`/v1/instances/${id}?wait=0`);
    await gate.reached();
    await daemon.dieAndRise();
    await gate.open();
    await daemon.isGone(id);
  });
});
