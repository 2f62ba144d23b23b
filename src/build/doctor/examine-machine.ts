// SPDX-License-Identifier: BSD-3-Clause
import { availableParallelism } from 'node:os';
import {
  finding,
  gatherLinuxFacts,
  linuxFindings,
  type Finding,
  type LinuxFacts,
} from '../../diagnosis/index.js';
import { messageOf } from '../../errors/index.js';
import { runCommand } from '../../process/index.js';
import { Toolchain } from '../builder/toolchain.js';
import { defaultLimits, sandboxProblem } from '../sandbox/index.js';

/** What a machine that builds images says of itself. */
export interface BuildMachineFacts {
  readonly linux: LinuxFacts;
  /** For each architecture, what is missing to build for it; null if nothing is. */
  readonly toolchains: ReadonlyMap<string, string | null>;
  /** Why builds cannot be confined; null if they can. */
  readonly sandboxProblem: string | null;
  readonly architecture: string;
}

const ARCHITECTURES = ['x86_64', 'arm64', 'arm'] as const;
const OWN_ARCHITECTURE = process.arch === 'x64' ? 'x86_64' : process.arch;
const MILLISECONDS = 10_000;

/** Looks at this machine as one that builds images. Reads only, and needs no daemon. */
export async function examineBuildMachine(poolsDirectory: string): Promise<readonly Finding[]> {
  const facts = await gather(poolsDirectory);
  return [...toolchainFindings(facts), sandboxFinding(facts), ...linuxFindings(facts.linux)];
}

async function gather(poolsDirectory: string): Promise<BuildMachineFacts> {
  const toolchain = new Toolchain();
  const missing = (architecture: string): string | null => {
    try {
      toolchain.require(architecture);
      return null;
    } catch (error) {
      return messageOf(error);
    }
  };
  const [linux, problem] = await Promise.all([
    gatherLinuxFacts(([file = '', ...args]) =>
      runCommand(file, args, { timeoutMilliseconds: MILLISECONDS }),
    ),
    sandboxProblem({
      program: 'bwrap',
      poolsDirectory,
      limits: defaultLimits(availableParallelism()),
      root: process.getuid?.() === 0,
    }),
  ]);
  return {
    linux,
    toolchains: new Map(ARCHITECTURES.map((each) => [each, missing(each)])),
    sandboxProblem: problem,
    architecture: OWN_ARCHITECTURE,
  };
}

/** Without the compilers of other architectures, only their targets cannot be built. */
export function toolchainFindings({
  toolchains,
  architecture: own,
}: BuildMachineFacts): readonly Finding[] {
  return [...toolchains].map(([architecture, missing]) => {
    const subject = {
      id: `build.toolchain-${architecture}`,
      title: `Compiler and tools for ${architecture}`,
      why: `Without them no image for ${architecture} can be built.`,
      fix: /On Debian: (.+)$/.exec(missing ?? '')?.[1] ?? 'install what is missing',
    };
    const severity = missing === null ? 'ok' : architecture === own ? 'problem' : 'warning';
    return finding(subject, severity, missing ?? 'all there');
  });
}

export function sandboxFinding({ sandboxProblem: problem }: BuildMachineFacts): Finding {
  const subject = {
    id: 'build.sandbox',
    title: 'Confinement of builds',
    why: 'Without it, uploaded sources are refused, and builds of the pools run with the rights of the daemon.',
    fix: 'apt-get install bubblewrap; sysctl -w user.max_user_namespaces=16384; where that exists, sysctl -w kernel.apparmor_restrict_unprivileged_userns=0',
  };
  return finding(subject, problem === null ? 'ok' : 'problem', problem ?? 'bubblewrap works');
}
