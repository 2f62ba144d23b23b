// SPDX-License-Identifier: BSD-3-Clause
import type { DomainExit } from '../driver.js';
import type { EndReport } from './console/lines.js';

/** virDomainEventStoppedDetailType: why libvirt says that a domain stopped. */
const STOPPED = { SHUTDOWN: 0, DESTROYED: 1, CRASHED: 2, FAILED: 5 } as const;

/** All that is known of an end. */
export interface ExitEvidence {
  /** The last report of the guest's own end. */
  readonly report: EndReport | null;
  /** virDomainEventStoppedDetailType, or null if the event was missed. */
  readonly detail: number | null;
  /** Whether it was this driver that destroyed it. */
  readonly destroyed: boolean;
  /** Whether the image reports its end, so that one without a report is a crash. */
  readonly reportsExit: boolean;
}

/** How a domain ended: what the guest said comes before what libvirt saw. */
export function exitOf({ report, detail, destroyed, reportsExit }: ExitEvidence): DomainExit {
  if (report?.type === 'exit') {
    return { reason: 'exited', exitCode: report.code, message: `exited with code ${report.code}` };
  }
  if (report?.type === 'panic') return crashed(`panicked: ${report.message}`);
  if (destroyed) return { reason: 'destroyed', exitCode: null, message: 'was destroyed' };
  switch (detail) {
    case STOPPED.SHUTDOWN:
      if (reportsExit) return crashed('reset or turned itself off without an exit code');
      return { reason: 'exited', exitCode: null, message: 'turned itself off' };
    case STOPPED.DESTROYED:
      return {
        reason: 'destroyed',
        exitCode: null,
        message: 'was destroyed by another client of libvirt',
      };
    case STOPPED.CRASHED:
      return crashed('crashed');
    case STOPPED.FAILED:
      return crashed('the process that ran it died');
    default:
      return { reason: 'unknown', exitCode: null, message: 'ended while nobody watched' };
  }
}

function crashed(message: string): DomainExit {
  return { reason: 'crashed', exitCode: null, message };
}
