// SPDX-License-Identifier: BSD-3-Clause
import { describeDriverContract } from '../drivers/contract.js';
import { XenBed, xenHarness } from './bed.js';
import { parkingGuest } from './guests.js';

const CAPABILITIES = {
  bootProtocols: ['pvh', 'xen-pv'],
  architectures: ['x86_64'],
  platforms: ['xen'],
  pause: true,
  createPaused: true,
  park: true,
  gracefulShutdown: true,
  console: 'both',
  exitCode: true,
  stats: true,
} as const;

describeDriverContract(
  'xl',
  async () => {
    const bed = await XenBed.start('pvh');
    // As on a host with many domains; the tests of faults and daemons have few.
    const connect = () => bed.connectXl({ namelessFrom: 0 });
    const guests = { ...bed.guests, parking: parkingGuest(bed.guests) };
    return { ...xenHarness(bed, 'pvh'), guests, connect, capabilities: CAPABILITIES };
  },
  { parks: true },
);
