// SPDX-License-Identifier: BSD-3-Clause
import { mountArguments, toolchainMounts, type Mount } from './mounts.js';
import type { SandboxLimits } from './limits.js';

export interface BubblewrapCommand {
  /** Name or path of bubblewrap. */
  readonly program: string;
  readonly mounts: readonly Mount[];
  readonly limits: SandboxLimits;
  /** Seconds of processor time that one process may use. */
  readonly processorSeconds: number;
  /** The user that the build is, outside; null if the daemon has no right to become another. */
  readonly user: number | null;
  readonly environment: Readonly<Record<string, string>>;
  /** What runs inside. */
  readonly command: readonly string[];
}

/** Where the outer bubblewrap puts what the inner one is to mount. */
const STAGE = '/stage';
/** Who the build is, inside. */
const INSIDE_USER = '1000';
const DIE = '--die-with-parent';

/**
 * The command that runs another in a room of its own: user, mount, pid, network, IPC, UTS and cgroup namespaces, no way to make
 * further user namespaces, no capabilities, read-only but for `/tmp`, bounded in size, and for what is mounted to be written.
 *
 * A daemon that is root becomes an ordinary user first. That user may not pass the folders that lead to ours (the state
 * directory is 0700), so an outer bubblewrap, still root, puts what is needed where the inner one can reach it.
 */
export function bubblewrapCommand(given: BubblewrapCommand): readonly string[] {
  const { program, mounts, user } = given;
  if (user === null) return inner(given, mounts);
  const staged = mounts.map((mount, index) => ({ ...mount, staged: `${STAGE}/${index}` }));
  return [
    program,
    ...toolchainMounts(),
    ...['--bind', '/proc', '/proc', '--dev', '/dev', '--dir', '/tmp', '--dir', STAGE],
    ...mountArguments(staged.map((mount) => ({ ...mount, target: mount.staged }))),
    ...['--cap-drop', 'ALL', '--cap-add', 'CAP_SETUID', '--cap-add', 'CAP_SETGID', DIE, '--'],
    ...['setpriv', '--reuid', `${user}`, '--regid', `${user}`, '--clear-groups'],
    ...['--inh-caps=-all', '--no-new-privs', '--pdeathsig', 'KILL', '--'],
    ...inner(
      given,
      staged.map((mount) => ({ ...mount, source: mount.staged })),
    ),
  ];
}

function inner(given: BubblewrapCommand, mounts: readonly Mount[]): readonly string[] {
  const { program, limits, processorSeconds, environment, command } = given;
  return [
    program,
    ...['--unshare-user', '--unshare-all', '--disable-userns', '--new-session', DIE],
    ...['--uid', INSIDE_USER, '--gid', INSIDE_USER, '--hostname', 'build', '--clearenv'],
    ...Object.entries(environment).flatMap(([name, value]) => ['--setenv', name, value]),
    ...toolchainMounts(),
    ...['--proc', '/proc', '--dev', '/dev'],
    ...['--size', `${limits.diskBytes}`, '--tmpfs', '/tmp'],
    ...mountArguments(mounts),
    ...['--remount-ro', '/dev', '--remount-ro', '/', '--chdir', '/tmp', '--'],
    'prlimit',
    ...[`--as=${limits.memoryBytes}`, `--nproc=${limits.processes}`, `--fsize=${limits.fileBytes}`],
    ...[`--nofile=${limits.openFiles}`, `--cpu=${processorSeconds}`, '--core=0', '--memlock=0'],
    ...['--', ...command],
  ];
}
