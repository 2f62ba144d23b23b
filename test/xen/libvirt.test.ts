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
  'libvirt/Xen',
  async () => {
    const bed = await XenBed.start('pvh');
    return {
      ...xenHarness(bed, 'pvh'),
      connect: () => bed.connectLibvirt(),
      capabilities: CAPABILITIES,
      guests: { ...bed.guests, parking: parkingGuest(bed.guests) },
      // libvirt shows no domain that it has not made itself.
      createStranger: () => bed.createStrangerOfLibvirt(),
    };
  },
  { parks: true },
);
