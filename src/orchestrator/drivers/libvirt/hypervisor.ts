// SPDX-License-Identifier: BSD-3-Clause
import { UnicoreError } from '../../../errors/index.js';
import { XEN_OVERHEAD } from '../dom0/index.js';
import type { DriverCapabilities, MemoryOverhead } from '../driver.js';
import { firmwarePath } from './firmware.js';
import {
  DEFAULT_DEADLINES,
  DEFAULT_KEEP_ALIVE,
  type Deadlines,
  type KeepAlive,
} from './options.js';
import type { DomainProfile, SerialPaths } from './xml/domain.js';

/** What is the same for all hosts of one of libvirt's drivers. */
export interface Hypervisor {
  /** As virConnectGetType names it. */
  readonly type: string;
  readonly capabilities: DriverCapabilities;
  readonly overhead: MemoryOverhead;
  /** Where a console comes from: a log that libvirt writes on this machine, or xenconsoled in dom0. */
  readonly consoleSource: 'log' | 'dom0' | 'none';
  /** Whether a domain that has ended stays, with how it ended, until it is destroyed. */
  readonly keepsEnded: boolean;
  readonly deadlines: Deadlines;
  readonly keepAlive: KeepAlive;
}

const QEMU: Hypervisor = {
  type: 'QEMU',
  // A guest of 2 MiB took 15 MiB of a machine with 500 to 1,300 of them: `script/bench density-qemu`.
  overhead: { perGuest: 16 * 1024 * 1024, perVcpu: 0 },
  consoleSource: 'log',
  keepsEnded: false,
  deadlines: DEFAULT_DEADLINES,
  keepAlive: DEFAULT_KEEP_ALIVE,
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

/**
 * Deadlines are above libxl's own: it waits 10 s for a device, and as long for its undoing, several times over. While it makes
 * domains, libvirtd was seen to leave pings unanswered for tens of seconds on a busy host.
 */
const XEN: Hypervisor = {
  type: 'Xen',
  overhead: XEN_OVERHEAD,
  consoleSource: 'dom0',
  keepsEnded: true,
  deadlines: { open: 60_000, quick: 60_000, slow: 180_000 },
  keepAlive: { intervalSeconds: 5, count: 24 },
  capabilities: {
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
  },
};

const TEST: Hypervisor = {
  type: 'TEST',
  overhead: { perGuest: 0, perVcpu: 0 },
  consoleSource: 'none',
  keepsEnded: false,
  deadlines: DEFAULT_DEADLINES,
  keepAlive: DEFAULT_KEEP_ALIVE,
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
  if (scheme === 'xen') return XEN;
  if (scheme === 'test') return TEST;
  throw new UnicoreError(
    'DRIVER_UNSUPPORTED',
    `the libvirt driver has no domains for the URI ${uri}: it knows qemu, xen and test`,
  );
}

/** Whether guests are processes of this machine: QEMU's, by a URI without a machine's name. */
export function isOnThisMachine(uri: string): boolean {
  return /^qemu(?:\+unix)?:\/\/\//.test(uri);
}

/** How domains of a QEMU host are to be built. */
export function qemuProfile(accelerated: boolean, serial: SerialPaths): DomainProfile {
  return { kind: 'qemu', accelerated, firmware: firmwarePath(), serial };
}
