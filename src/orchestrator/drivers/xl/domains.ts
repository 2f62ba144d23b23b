// SPDX-License-Identifier: BSD-3-Clause
import type { DomainExit, DomainObservation } from '../driver.js';
import type { XlListRow } from '../dom0/index.js';

/** SHUTDOWN_* of Xen's public sched.h. */
const SHUTDOWN_REASONS = new Map([
  [0, 'powered off'],
  [1, 'asked for a reboot'],
  [2, 'suspended'],
  [3, 'crashed'],
  [4, 'its watchdog fired'],
  [5, 'asked for a soft reset'],
]);
const SHUTDOWN_REBOOT = 1;
const SHUTDOWN_CRASH = 3;
const SHUTDOWN_WATCHDOG = 4;

/**
 * For people the instance's name, for us the id's first digits: unique, so that a name in `xl list` is one instance and one
 * instance cannot be made twice. At most 63 of `[a-z0-9-]`.
 */
export function domainName(instanceName: string, id: string): string {
  return `${instanceName.slice(0, 54)}${nameSuffix(id)}`;
}

/** What the name of a domain of ours ends with. */
export function nameSuffix(id: string): string {
  return `-${id.slice(0, 8)}`;
}

export interface NewDomain {
  readonly id: string;
  readonly name: string;
  readonly domid: number;
}

/** What is known of one domain of ours, kept from what xl listed and what the guest reported in xenstore. */
export class XlDomainRecord {
  readonly id: string;
  /** Empty if it was never completed. */
  name: string;
  readonly domid: number;
  /** When it was first seen, by the clock of the table. */
  readonly since: number;
  state: XlListRow['state'] = 'running';
  cpuSeconds = 0;
  memoryBytes = 0;
  /** Set once it has reached `main`; null in it for one that was parked: that time is no time that it took to boot. */
  ready: { readonly bootNanoseconds: number | null } | null = null;
  exitCode: number | null = null;
  shutdownReason: number | null = null;
  /** Whether it waits before `main` to be claimed, as it said. */
  parked = false;
  wasParked = false;
  /** Whether what it reported before we watched was read. */
  reportsRead = false;
  /** Set while we destroy it. */
  destroying = false;
  /** A look at it alone that is under way. */
  look: Promise<void> | null = null;
  /** Which of its events were told. Each is told once. */
  readonly told = { started: false, parked: false, ready: false, ended: false };

  constructor({ id, name, domid }: NewDomain, since: number) {
    this.id = id;
    this.name = name;
    this.domid = domid;
    this.since = since;
  }

  update(row: XlListRow): void {
    this.state = row.state;
    this.cpuSeconds = row.cpuSeconds;
    this.memoryBytes = row.memoryMebibytes * 1024 * 1024;
    this.shutdownReason = row.shutdownReason;
  }

  get hasShutDown(): boolean {
    return this.state === 'shutdown' || this.state === 'crashed';
  }

  /** Whether it can be claimed. */
  get isParked(): boolean {
    return this.parked && this.ready === null && !this.hasShutDown;
  }

  /** How it ended, once it has shut down. */
  exit(): DomainExit {
    const reason = this.shutdownReason;
    const crashed =
      reason === SHUTDOWN_CRASH || reason === SHUTDOWN_WATCHDOG || this.#fellOver(reason);
    const how = SHUTDOWN_REASONS.get(reason ?? -1) ?? `shut down for reason ${String(reason)}`;
    return {
      reason: crashed ? 'crashed' : 'exited',
      exitCode: this.exitCode,
      message: this.exitCode === null ? how : `${how} with exit code ${this.exitCode}`,
    };
  }

  /** Our guests never ask for a reboot: one that reported, and no exit code, has triple-faulted, which Xen counts as one. */
  #fellOver(reason: number | null): boolean {
    return reason === SHUTDOWN_REBOOT && this.ready !== null && this.exitCode === null;
  }

  observation(): DomainObservation {
    const exit = this.hasShutDown ? this.exit() : null;
    return {
      id: this.id,
      name: this.name.slice(0, -nameSuffix(this.id).length),
      owned: true,
      state: exit === null ? this.liveState() : exit.reason === 'crashed' ? 'crashed' : 'stopped',
      parked: this.isParked,
      ready: this.ready,
      exit,
    };
  }

  private liveState(): 'running' | 'paused' {
    return this.state === 'paused' ? 'paused' : 'running';
  }
}
