// SPDX-License-Identifier: BSD-3-Clause
import { messageOf } from '../../errors/index.js';
import { isCommandError, runCommand } from '../../process/index.js';
import type { Logger } from '../logger.js';
import { BubblewrapEnvironment, type BubblewrapOptions } from './bubblewrap.js';
import { bubblewrapCommand } from './bubblewrap-command.js';
import type { BuildEnvironment } from './build-environment.js';
import { UnconfinedEnvironment } from './unconfined.js';

export interface EnvironmentOptions extends Omit<BubblewrapOptions, 'program'> {
  /** Name or path of bubblewrap; null not to confine. */
  readonly program: string | null;
  readonly logger: Logger;
}

/** What builds run in, and, where they cannot be confined, why. */
export interface ChosenEnvironment {
  readonly environment: BuildEnvironment;
  /** Null if builds are confined. Otherwise what is wrong and what to do about it. */
  readonly problem: string | null;
}

/** Tries bubblewrap, and takes it if it works here. Where it does not, only the pools' own applications can be built. */
export async function chooseEnvironment(options: EnvironmentOptions): Promise<ChosenEnvironment> {
  const { logger } = options;
  const { program } = options;
  const problem =
    program === null
      ? 'confinement is switched off'
      : await sandboxProblem({ ...options, program });
  if (program !== null && problem === null) {
    logger.info({ user: options.root ? 'of its own' : "the daemon's" }, 'builds are confined');
    return { environment: new BubblewrapEnvironment({ ...options, program }), problem };
  }
  logger.warn({ problem }, 'builds are not confined: uploaded sources are refused');
  return { environment: new UnconfinedEnvironment(options), problem };
}

/** Runs a look at the pools' root file inside, with all that a build is given. What is wrong and what to do; null if it works. */
export async function sandboxProblem(
  options: Pick<BubblewrapOptions, 'program' | 'poolsDirectory' | 'limits' | 'root'>,
): Promise<string | null> {
  try {
    const [program = '', ...args] = bubblewrapCommand({
      ...options,
      mounts: [{ source: options.poolsDirectory, target: '/pools', writable: false }],
      user: options.root ? 65_520 : null,
      processorSeconds: 10,
      environment: { PATH: '/usr/bin:/bin' },
      command: ['test', '-r', '/pools/Kconfig'],
    });
    const { exitCode, stderr } = await runCommand(program, args, { timeoutMilliseconds: 10_000 });
    if (exitCode === 0) return null;
    return stderr.trim() === ''
      ? `The pools cannot be read by others: chmod -R go+rX ${options.poolsDirectory}`
      : `bubblewrap does not work here: ${stderr.trim().slice(0, 500)}. It needs user namespaces (sysctl user.max_user_namespaces, and kernel.apparmor_restrict_unprivileged_userns=0 where that exists).`;
  } catch (error) {
    return isCommandError(error, 'not-found')
      ? 'bubblewrap is not installed. On Debian: apt-get install bubblewrap'
      : `bubblewrap does not work here: ${messageOf(error)}`;
  }
}
