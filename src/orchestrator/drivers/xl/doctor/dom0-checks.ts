// SPDX-License-Identifier: BSD-3-Clause
import {
  finding,
  openFilesLimit,
  setSysctl,
  type DaemonFacts,
  type Finding,
  type HostLimit,
} from '../../../../diagnosis/index.js';
import type { Dom0Facts } from './dom0-facts.js';

/** What is good or bad for guests of a Xen host. */
export function dom0Findings(facts: Dom0Facts): readonly Finding[] {
  return [
    xenVersion(facts),
    dom0Memory(facts),
    autoballoon(facts),
    xenstoreSocket(facts),
    ...xenstoreQuotas(facts),
    consoleLogs(facts),
    xenstoredFiles(facts),
    hotplugScript(facts),
  ];
}

/** What each guest takes in dom0 besides memory. */
export function dom0Limits({ linux, eventChannels }: Dom0Facts): readonly HostLimit[] {
  const daemon = (...names: string[]): DaemonFacts | null =>
    linux.daemons.find(({ name }) => names.includes(name)) ?? null;
  const common = { kept: 64, perVcpu: 0 };
  return [
    {
      ...common,
      id: 'xen.pseudo-terminals',
      title: 'Pseudo-terminals of dom0',
      unit: 'pseudo-terminals',
      most: linux.pseudoTerminals,
      perGuest: 1,
      why: 'xenconsoled opens one for the console of each guest; without, a guest has no console.',
      fix: setSysctl('kernel.pty.max', 65_536),
    },
    // For each guest: both ends of its pseudo-terminal, its log, and its event channel.
    openFilesLimit('xen.xenconsoled-nofile', 'xenconsoled', daemon('xenconsoled'), 4, {
      fix: openFilesFix('xenconsoled'),
    }),
    {
      ...common,
      id: 'xen.event-channels',
      title: 'Event channels of dom0',
      unit: 'event channels',
      most: eventChannels,
      perGuest: 2,
      why: 'Each guest has one to xenstored and one to xenconsoled, and more for each device.',
      fix: 'boot a dom0 kernel with FIFO event channels (Linux 3.14 or later, without xen.fifo_events=0)',
    },
  ];
}

/** Debian's packages start Xen's daemons by a script that reads this file; Xen's own by systemd. */
function openFilesFix(name: string): string {
  return `prlimit --pid $(pidof ${name}) --nofile=1048576:1048576, and ulimit -n 1048576 in /etc/default/xen (LimitNOFILE=1048576 where ${name} is a unit of systemd)`;
}

const OLDEST_TESTED = [4, 17];

export function xenVersion({ xenVersion: version, linux }: Dom0Facts): Finding {
  const subject = {
    id: 'xen.version',
    title: 'Xen and its toolstack',
    why: 'xl and libxl must be those of the running hypervisor, and the driver is tested with 4.17.',
    fix: 'install the xen-utils of the running hypervisor, or boot the hypervisor of the installed ones',
  };
  if (version === null) return finding(subject, 'problem', "'xl info' tells no version.");
  const store = linux.daemons.find(({ name }) => name.endsWith('xenstored'));
  const path = store?.commandLine.split(' ', 1)[0] ?? null;
  const found = `Xen ${version}, ${path ?? 'no xenstored'}`;
  const installed = path === null ? null : /\/xen-(\d+\.\d+)\//.exec(path)?.[1];
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (path === null || (installed != null && installed !== `${major}.${minor}`)) {
    return finding(subject, 'problem', found);
  }
  const [least = 0, leastMinor = 0] = OLDEST_TESTED;
  const old = major < least || (major === least && minor < leastMinor);
  return finding(subject, old ? 'warning' : 'ok', found);
}

const FIXED_MEMORY = 'GRUB_CMDLINE_XEN="dom0_mem=2G,max:2G" in /etc/default/grub, then update-grub';

export function dom0Memory({ xenCommandLine: line }: Dom0Facts): Finding {
  const subject = {
    id: 'xen.dom0-mem',
    title: 'Memory of dom0',
    why: 'Without a fixed size, dom0 has all memory and gives it up while guests are made: slow, one at a time, and it fails under load.',
    fix: `${FIXED_MEMORY}, and boot again`,
  };
  if (line === null) return finding(subject, 'unknown', "'xl info' shows no command line.");
  const [, value] = /(?:^| )dom0_mem=(\S+)/.exec(line) ?? [];
  if (value === undefined)
    return finding(subject, 'problem', 'no dom0_mem on the command line of Xen');
  const parts = value.split(',');
  const size = parts.find((part) => /^\d/.test(part));
  const most = parts.find((part) => part.startsWith('max:'))?.slice('max:'.length);
  return finding(
    subject,
    size !== undefined && most === size ? 'ok' : 'warning',
    `dom0_mem=${value}`,
  );
}

/** xl.conf(5): `auto` is off where dom0_mem is on the command line of Xen. */
export function autoballoon({ xlSettings, xenCommandLine }: Dom0Facts): Finding {
  const subject = {
    id: 'xen.autoballoon',
    title: 'Ballooning of dom0',
    why: 'xl then takes memory from dom0 for each guest, with all creations waiting for each other, until dom0 itself is out of memory.',
    fix: 'autoballoon="off" in /etc/xen/xl.conf',
  };
  const value = xlSettings.get('autoballoon') ?? 'auto';
  const off = value === 'off' || value === '0';
  const automatic = value === 'auto' && /(?:^| )dom0_mem=/.test(xenCommandLine ?? '');
  return finding(subject, off || automatic ? 'ok' : 'problem', `autoballoon is ${value}`);
}

export function xenstoreSocket({ xenstoreComplaint: complaint }: Dom0Facts): Finding {
  const subject = {
    id: 'xen.xenstore-socket',
    title: 'Way to xenstored',
    why: 'Over its socket the daemon hears that guests are ready or have ended, and claims those of warm pools; without, the host counts as down.',
    fix: 'run xenstored in dom0 (not in a domain of its own); over ssh, as root, with AllowStreamLocalForwarding yes in /etc/ssh/sshd_config, and no restriction of the key in authorized_keys',
  };
  return finding(subject, complaint === null ? 'ok' : 'problem', complaint ?? 'it answers');
}

/** Below these, guests of ours with a few devices meet the bound. By the names of `xenstore-control quota`. */
const LEAST_QUOTAS = [
  ['nodes', 200, 'entries that a guest may own', '--entry-nb', 'quota-maxentity'],
  ['watches', 32, 'watches of a guest', '--watch-nb', 'quota-maxwatch'],
  ['transactions', 5, 'transactions of a guest at a time', '--transaction', 'quota-transaction'],
  [
    'outstanding',
    10,
    'requests of a guest at a time',
    '--quota outstanding',
    'quota-maxoutstanding',
  ],
] as const;

export function xenstoreQuotas({ quotas }: Dom0Facts): readonly Finding[] {
  return LEAST_QUOTAS.map(([name, least, what, option, setting]) => {
    const subject = {
      id: `xen.xenstored-${name}`,
      title: `xenstored: ${what}`,
      why: 'Beyond it, xenstored refuses what the guest writes: it cannot report that it is ready, or its devices do not come up.',
      fix: `XENSTORED_ARGS="${option}=1000" in /etc/default/xen, and now: xenstore-control quota set ${name} 1000; for oxenstored, ${setting} = 1000 in /etc/xen/oxenstored.conf and a restart of the host`,
    };
    const value = quotas.get(name);
    if (value === undefined) return finding(subject, 'unknown', 'xenstored does not tell.');
    return finding(subject, value < least ? 'problem' : 'ok', String(value));
  });
}

export function consoleLogs({ linux: { daemons } }: Dom0Facts): Finding {
  const subject = {
    id: 'xen.xenconsoled-log',
    title: 'Logs of consoles',
    why: 'What guests print is read from the logs that xenconsoled keeps; without them consoles stay empty.',
    fix: 'XENCONSOLED_ARGS="--log=guest" in /etc/default/xen (XENCONSOLED_TRACE=guest where it is a unit of systemd), then restart xenconsoled',
  };
  const daemon = daemons.find(({ name }) => name === 'xenconsoled');
  if (daemon === undefined) return finding(subject, 'problem', 'xenconsoled does not run');
  const logs = /--log[= ](?:guest|all)\b/.test(daemon.commandLine);
  return finding(subject, logs ? 'ok' : 'problem', daemon.commandLine);
}

const LEAST_FILES = 1_024;

/** xenstored maps the rings of guests, and keeps a descriptor for none: its clients in dom0 are what they are for. */
export function xenstoredFiles({ linux: { daemons } }: Dom0Facts): Finding {
  const subject = {
    id: 'xen.xenstored-nofile',
    title: 'Open files of xenstored',
    why: 'Each xl and each libvirtd that talks to it takes one; without, creations fail.',
    fix: openFilesFix('xenstored'),
  };
  const daemon = daemons.find(({ name }) => name.endsWith('xenstored'));
  if (daemon === undefined) return finding(subject, 'unknown', 'xenstored does not run here');
  const severity = daemon.openFilesMost < LEAST_FILES ? 'problem' : 'ok';
  return finding(subject, severity, String(daemon.openFilesMost));
}

export function hotplugScript({ hotplugInterpreter: interpreter }: Dom0Facts): Finding {
  const subject = {
    id: 'xen.hotplug-script',
    title: 'Script that connects network interfaces',
    why: 'Xen runs it for each interface of a guest, and the start waits for it: as a program of bash that reads its libraries it took 2.5 s, in sh 0.2 s (under emulation).',
    fix: 'vif.default.script="PATH" in /etc/xen/xl.conf, of a short script for /bin/sh that sets the bridge and the interface up',
  };
  if (interpreter === null)
    return finding(subject, 'unknown', 'there is none, or it cannot be read');
  return finding(subject, interpreter.includes('bash') ? 'warning' : 'ok', interpreter);
}
