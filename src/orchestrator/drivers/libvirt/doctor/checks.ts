// SPDX-License-Identifier: BSD-3-Clause
import {
  finding,
  openFilesLimit,
  processLimits,
  type Finding,
  type HostLimit,
} from '../../../../diagnosis/index.js';
import type { LibvirtFacts } from './facts.js';

/** A QEMU process: itself, RCU and the monitor's I/O; and libvirtd's own thread for it. */
const PROCESS_COST = { perGuest: 4, perVcpu: 1 };
/** Monitor and event of a guest in libvirtd. */
const DAEMON_DESCRIPTORS = 2;
/** Pipe and file of each of the two serial ports that are logged. */
const LOG_DESCRIPTORS = 4;

export function libvirtFindings(facts: LibvirtFacts): readonly Finding[] {
  return [
    kvm(facts),
    clients(facts),
    workers(facts),
    clientRequests(facts),
    logClients(facts),
    reaper(facts),
  ];
}

/** What each guest takes on the machine of a libvirtd. */
export function libvirtLimits(facts: LibvirtFacts): readonly HostLimit[] {
  const { daemonName, linux, daemon, logDaemon } = facts;
  return [
    ...processLimits(linux, PROCESS_COST),
    openFilesLimit('libvirt.nofile', daemonName, daemon, DAEMON_DESCRIPTORS, {
      fix: openFilesFix(daemonName),
    }),
    openFilesLimit('libvirt.virtlogd-nofile', 'virtlogd', logDaemon, LOG_DESCRIPTORS, {
      fix: openFilesFix('virtlogd'),
    }),
  ];
}

function openFilesFix(name: string): string {
  return `prlimit --pid $(pidof ${name}) --nofile=1048576:1048576, and LimitNOFILE=1048576 in [Service] of ${name}.service (systemctl edit ${name})`;
}

export function kvm({ kvm: state }: LibvirtFacts): Finding {
  const subject = {
    id: 'libvirt.kvm',
    title: 'KVM',
    why: 'Without KVM QEMU emulates the processor: guests start and compute some ten times slower.',
    fix:
      state === 'absent'
        ? "modprobe kvm_intel or kvm_amd, with virtualisation switched on in the firmware; in a virtual machine, its host must allow nesting ('-cpu host')"
        : 'give the daemon access to /dev/kvm (usermod -aG kvm USER); where the machine is virtual itself, its host must allow nesting for ordinary guests',
  };
  if (state === 'works') return finding(subject, 'ok', 'a guest ran with it');
  const found =
    state === 'absent' ? 'there is no /dev/kvm' : '/dev/kvm is there, but a guest did not run';
  return finding(subject, 'warning', `${found}: guests are emulated`);
}

/** The driver's calls, events and reconnections need so many; others need some, too. */
const LEAST_CLIENTS = 8;
const ENOUGH_CLIENTS = 24;

export function clients({ clients: bound, daemonName }: LibvirtFacts): Finding {
  const subject = {
    id: 'libvirt.max-clients',
    title: `Clients of ${daemonName}`,
    why: 'Connections beyond it wait until another one closes: the host looks as if it did not answer.',
    fix: `max_clients = 5000 in /etc/libvirt/${daemonName}.conf, then restart it; now: virt-admin server-clients-set ${daemonName} --max-clients 5000`,
  };
  if (bound === null) return finding(subject, 'unknown', NOT_TOLD);
  const free = bound.most - bound.taken;
  const severity =
    bound.most < LEAST_CLIENTS ? 'problem' : free < ENOUGH_CLIENTS ? 'warning' : 'ok';
  return finding(subject, severity, `${bound.taken} of ${bound.most}`);
}

const LEAST_WORKERS = 8;

export function workers({ workers: bound, daemonName }: LibvirtFacts): Finding {
  const subject = {
    id: 'libvirt.max-workers',
    title: `Threads of ${daemonName}`,
    why: 'Each call takes one: with few, short calls wait behind creations and destructions.',
    fix: `max_workers = 20 in /etc/libvirt/${daemonName}.conf, then restart it; now: virt-admin server-threadpool-set ${daemonName} --max-workers 20`,
  };
  if (bound === null) return finding(subject, 'unknown', NOT_TOLD);
  return finding(subject, bound.most < LEAST_WORKERS ? 'warning' : 'ok', `at most ${bound.most}`);
}

export function clientRequests({ clientRequests: most, daemonName }: LibvirtFacts): Finding {
  const subject = {
    id: 'libvirt.max-client-requests',
    title: 'Calls of one client at a time',
    why: 'Further calls on the same connection wait, keepalive answers among them, and the connection may be taken for dead.',
    fix: `max_client_requests = 20 in /etc/libvirt/${daemonName}.conf, then restart it`,
  };
  if (most === null)
    return finding(subject, 'unknown', 'its configuration cannot be read from here');
  return finding(subject, most < 2 ? 'problem' : most < 5 ? 'warning' : 'ok', String(most));
}

export function logClients({ logClients: bound }: LibvirtFacts): Finding {
  const subject = {
    id: 'libvirt.virtlogd-clients',
    title: 'Clients of virtlogd',
    why: 'libvirtd connects to it for each guest that is started; when it takes no more, no guest with a console starts.',
    fix: 'max_clients = 4096 in /etc/libvirt/virtlogd.conf, then restart it while no guest runs; now: virt-admin -c virtlogd:///system server-clients-set virtlogd --max-clients 4096',
  };
  if (bound === null) return finding(subject, 'unknown', NOT_TOLD);
  const severity = bound.most - bound.taken < ENOUGH_CLIENTS ? 'warning' : 'ok';
  return finding(subject, severity, `${bound.taken} of ${bound.most}`);
}

export function reaper({ reaper: process, daemonName }: LibvirtFacts): Finding {
  const subject = {
    id: 'libvirt.reaper',
    title: 'Reaping of guests that ended',
    why: 'libvirtd waits for QEMU to be gone; where nobody waits for its end, destroying a guest takes 2 s instead of 0.2 s.',
    fix: `run ${daemonName} under a subreaper, as in 'tini -s -- ${daemonName}'; for containers, --init`,
  };
  if (process === null) return finding(subject, 'unknown', 'it cannot be seen from here');
  const { name, waits } = process;
  return finding(subject, waits ? 'ok' : 'warning', `${name} ${waits ? 'waits' : 'does not wait'}`);
}

const NOT_TOLD =
  'it does not tell: virt-admin (libvirt-clients) is needed, and the right to use it';
