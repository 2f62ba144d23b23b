// SPDX-License-Identifier: BSD-3-Clause
import {
  finding,
  openFilesLimit,
  processLimits,
  type Finding,
  type HostLimit,
} from '../../../../diagnosis/index.js';
import type { LinuxuFacts } from './facts.js';

/** A guest is one process of one thread. */
const PROCESS_COST = { perGuest: 1, perVcpu: 0 };
/** Its console. What it has besides while it starts, the launcher has kept aside (SPARE_DESCRIPTORS in native/launcher/main.c). */
const LAUNCHER_DESCRIPTORS = 1;

export function linuxuFindings(facts: LinuxuFacts): readonly Finding[] {
  return [launcher(facts), seccomp(facts), users(facts)];
}

export function linuxuLimits(facts: LinuxuFacts): readonly HostLimit[] {
  const { linux, launcher: process } = facts;
  return [
    ...processLimits(linux, PROCESS_COST),
    {
      id: 'linuxu.user-processes',
      title: 'Processes of the user',
      unit: 'processes',
      most: facts.isRoot ? Infinity : facts.userProcesses,
      kept: 64,
      ...PROCESS_COST,
      why: 'Without root, all guests are processes of the user that the daemon is.',
      fix: 'LimitNPROC=infinity in [Service] of unicored.service (ulimit -u unlimited without systemd), or run the daemon as root',
    },
    openFilesLimit('linuxu.nofile', 'the launcher', process, LAUNCHER_DESCRIPTORS, {
      fix: 'LimitNOFILE=1048576 in [Service] of unicored.service (ulimit -n 1048576 without systemd), then end all linuxu instances and restart the daemon, so that a new launcher starts',
    }),
  ];
}

export function launcher({ launcherFailure: failure }: LinuxuFacts): Finding {
  const subject = {
    id: 'linuxu.launcher',
    title: "The launcher's program",
    why: 'It starts and holds all linuxu instances.',
    fix: 'build it again for this machine (script/setup run), on a file system that is not mounted noexec',
  };
  return finding(subject, failure === null ? 'ok' : 'problem', failure ?? 'it runs');
}

/** What the launcher's filters answer with (native/launcher/confine.c). */
const ACTIONS = ['kill_process', 'errno', 'allow'];

export function seccomp({ linux: { seccompActions } }: LinuxuFacts): Finding {
  const subject = {
    id: 'linuxu.seccomp',
    title: 'Filters of system calls',
    why: 'Each guest is confined by one; a kernel without them is refused.',
    fix: 'a kernel with CONFIG_SECCOMP_FILTER, 4.14 or later; in a container, one whose profile allows seccomp(2)',
  };
  const missing = ACTIONS.filter((action) => !seccompActions.includes(action));
  if (missing.length === 0) return finding(subject, 'ok', seccompActions.join(' '));
  return finding(subject, 'problem', `the kernel does not offer ${missing.join(', ')}`);
}

export function users({ isRoot, separateUsers }: LinuxuFacts): Finding {
  const subject = {
    id: 'linuxu.users',
    title: 'Users of guests',
    why: 'With a user id of its own, a guest that breaks out of its filter can still do nothing to the others or to the daemon.',
    fix: isRoot
      ? 'the user namespace of the daemon must map ids from 1879048192 on; outside of containers it does'
      : 'run the daemon as root: it gives each guest a user id of its own',
  };
  return finding(
    subject,
    separateUsers ? 'ok' : 'warning',
    separateUsers ? 'each guest has its own' : 'all guests are the user that the daemon is',
  );
}
