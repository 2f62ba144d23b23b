// SPDX-License-Identifier: BSD-3-Clause
import type { Logger } from '../../logger.js';
import type { Dom0 } from '../dom0/index.js';

/** How guests of the QEMU driver are run; `auto` tries KVM with a real guest first. */
export type AccelerationChoice = 'auto' | 'kvm' | 'tcg';

export interface LibvirtDriverOptions {
  /**
   * As in `qemu:///system`, `qemu:///session`, `qemu+unix:///system?socket=/path`, `xen:///system`, `xen+ssh://root@host/system`,
   * `test:///default`.
   */
  readonly uri: string;
  /** The id of the daemon's state directory: what is marked with it is ours. */
  readonly owner: string;
  /**
   * An absolute path, for this driver alone: consoles and records of domains. It must survive the daemon, and libvirt's
   * processes must see it under the same path. At most 60 bytes long, for the sockets in it.
   */
  readonly directory: string;
  readonly logger: Logger;
  readonly acceleration?: AccelerationChoice;
  /** A Xen host's dom0, which it cannot do without: images go there, and guests are heard there. Closed with the driver. */
  readonly dom0?: Dom0;
  /** Calls that may run at the same time (one of them is kept free for quick calls). Default 4. */
  readonly workers?: number;
  readonly deadlines?: Partial<Deadlines>;
  readonly keepAlive?: KeepAlive;
}

/** Milliseconds after which a call is given up. What the host makes of it later is not known. */
export interface Deadlines {
  /** The first connection, with all that is found out then. */
  readonly open: number;
  /** Lookups, lists, pause, resume. */
  readonly quick: number;
  /** Creation and destruction. */
  readonly slow: number;
}

/** A connection is dead when `count` pings, one each `intervalSeconds`, went unanswered. */
export interface KeepAlive {
  readonly intervalSeconds: number;
  readonly count: number;
}

export const DEFAULT_DEADLINES: Deadlines = { open: 30_000, quick: 10_000, slow: 60_000 };
export const DEFAULT_KEEP_ALIVE: KeepAlive = { intervalSeconds: 5, count: 3 };
export const DEFAULT_WORKERS = 4;
