// SPDX-License-Identifier: BSD-3-Clause
import { UnicoreError } from '../../../errors/index.js';
import type { DriverCapabilities } from '../driver.js';
import { firmwarePath } from './firmware.js';
import type { DomainProfile, SerialPaths } from './xml/domain.js';

/** What is the same for all hosts of one of libvirt's drivers. */
export interface Hypervisor {
  /** As virConnectGetType names it. */
  readonly type: string;
  readonly capabilities: DriverCapabilities;
}

const QEMU: Hypervisor = {
  type: 'QEMU',
  capabilities: {
    // The other two are what QEMU's -kernel takes besides: foreign images, which have no target.
    bootProtocols: ['pvh', 'multiboot1', 'linux-boot'],
    architectures: ['x86_64', 'x86'],
    platforms: ['kvm'],
    pause: true,
    createPaused: true,
    park: true,
    gracefulShutdown: false, // the guests have no ACPI, by which libvirt would ask them
    console: 'both',
    exitCode: true,
    stats: true,
  },
};

const TEST: Hypervisor = {
  type: 'TEST',
  capabilities: {
    bootProtocols: ['pvh'],
    architectures: ['x86_64'],
    platforms: ['kvm'],
    pause: true,
    createPaused: false,
    park: false,
    gracefulShutdown: true,
    console: 'none',
    exitCode: false,
    stats: false,
  },
};

/**
 * The hypervisor that a connection URI names by its scheme, as in `qemu+unix:///system`.
 * @throws DRIVER_UNSUPPORTED for one that this driver builds no domains for
 */
export function hypervisorOf(uri: string): Hypervisor {
  const scheme = /^([a-z]+)(?:\+[a-z0-9]+)?:/.exec(uri)?.[1];
  if (scheme === 'qemu') return QEMU;
  if (scheme === 'test') return TEST;
  throw new UnicoreError(
    'DRIVER_UNSUPPORTED',
    `the libvirt driver has no domains for the URI ${uri}: it knows qemu and test`,
  );
}

/** How domains of a QEMU host are to be built. */
export function qemuProfile(accelerated: boolean, serial: SerialPaths): DomainProfile {
  return { kind: 'qemu', accelerated, firmware: firmwarePath(), serial };
}
