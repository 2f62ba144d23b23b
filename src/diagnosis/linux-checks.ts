// SPDX-License-Identifier: BSD-3-Clause
import { finding, type Finding, type HostLimit } from './finding.js';
import type { DaemonFacts, LinuxFacts } from './linux-facts.js';

/** What processes, threads and descriptors of the machine's own there must be room for. */
const KEPT = 512;

/** What one guest takes: processes (or threads, which count as such). */
export interface ProcessCost {
  readonly perGuest: number;
  readonly perVcpu: number;
}

/** The bounds of processes and threads, which Linux counts together. */
export function processLimits(facts: LinuxFacts, cost: ProcessCost): readonly HostLimit[] {
  const { pidMax, threadsMax, cgroupPids } = facts;
  const common = { unit: 'processes', kept: KEPT, ...cost };
  return [
    {
      ...common,
      id: 'linux.pid-max',
      title: 'Process ids',
      most: pidMax,
      why: 'Each process and thread of a guest has an id; when all are given out, no guest starts.',
      fix: setSysctl('kernel.pid_max', 4_194_304),
    },
    {
      ...common,
      id: 'linux.threads-max',
      title: 'Threads of the system',
      most: threadsMax,
      why: 'With as many threads as this there can be no further process, of guests or of the system.',
      fix: setSysctl('kernel.threads-max', 4_194_304),
    },
    {
      ...common,
      id: 'linux.cgroup-pids',
      title: 'Processes of the control group',
      most: cgroupPids?.most ?? null,
      why: 'The kernel refuses processes beyond it, though the machine has room: systemd sets TasksMax, container engines --pids-limit.',
      fix: `TasksMax=infinity in [Service] of the unit that started it, or --pids-limit=-1 for the container; the bound is in ${cgroupPids?.path ?? '/sys/fs/cgroup'}/pids.max`,
    },
  ];
}

/** The bound of what one daemon may have open. */
export function openFilesLimit(
  id: string,
  name: string,
  daemon: Pick<DaemonFacts, 'openFilesMost'> | null,
  perGuest: number,
  { fix }: { readonly fix: string },
): HostLimit {
  return {
    id,
    title: `Open files of ${name}`,
    unit: 'descriptors',
    most: daemon?.openFilesMost ?? null,
    kept: 128,
    perGuest,
    perVcpu: 0,
    why: `${name} keeps descriptors open for each guest; when it has no more, it takes no further guest.`,
    fix,
  };
}

/** What is good or bad for guests on any Linux machine. */
export function linuxFindings(facts: LinuxFacts): readonly Finding[] {
  return [overcommit(facts), mapCount(facts), fileMax(facts), swap(facts)];
}

export function overcommit({ overcommit: mode }: LinuxFacts): Finding {
  const subject = {
    id: 'linux.overcommit',
    title: 'Overcommitting of memory',
    why: 'With 2, the kernel counts all that guests might touch, and refuses new ones long before memory is full.',
    fix: setSysctl('vm.overcommit_memory', 0),
  };
  if (mode === null) return finding(subject, 'unknown', 'It could not be read.');
  return finding(subject, mode === 2 ? 'warning' : 'ok', `vm.overcommit_memory is ${mode}`);
}

const LEAST_MAPS = 65_530;

export function mapCount({ maxMapCount }: LinuxFacts): Finding {
  const subject = {
    id: 'linux.max-map-count',
    title: 'Mappings of one process',
    why: 'QEMU and the daemon map memory in many pieces; beyond the bound, mmap fails with ENOMEM.',
    fix: setSysctl('vm.max_map_count', 262_144),
  };
  if (maxMapCount === null) return finding(subject, 'unknown', 'It could not be read.');
  const severity = maxMapCount < LEAST_MAPS ? 'warning' : 'ok';
  return finding(subject, severity, `vm.max_map_count is ${maxMapCount}`);
}

const LEAST_FILES = 65_536;

export function fileMax({ fileMax: most }: LinuxFacts): Finding {
  const subject = {
    id: 'linux.file-max',
    title: 'Open files of the system',
    why: 'All processes together can have no more open: guests, their daemons, and everything else.',
    fix: setSysctl('fs.file-max', 2_097_152),
  };
  if (most === null) return finding(subject, 'unknown', 'It could not be read.');
  return finding(subject, most < LEAST_FILES ? 'warning' : 'ok', `fs.file-max is ${most}`);
}

export function swap({ swapBytes, freeSwapBytes }: LinuxFacts): Finding {
  const subject = {
    id: 'linux.swap',
    title: 'Swap',
    why: 'A guest whose memory was swapped out stands still until it is read back: starts in milliseconds become seconds.',
    fix: 'run fewer guests, add memory, or swapoff -a',
  };
  if (swapBytes === null || freeSwapBytes === null) {
    return finding(subject, 'unknown', 'It could not be read.');
  }
  if (swapBytes === 0) return finding(subject, 'ok', 'none');
  const used = Math.round((100 * (swapBytes - freeSwapBytes)) / swapBytes);
  return finding(subject, used > 25 ? 'warning' : 'ok', `${used} % of it is used`);
}

/** How a kernel setting is changed, now and for good. */
export function setSysctl(name: string, value: number): string {
  return `sysctl -w ${name}=${value}, and ${name} = ${value} in /etc/sysctl.d/60-unicore.conf`;
}
