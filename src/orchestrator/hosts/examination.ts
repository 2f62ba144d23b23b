// SPDX-License-Identifier: BSD-3-Clause
import { finding, type Finding, type Severity } from '../../diagnosis/index.js';
import { messageOf } from '../../errors/index.js';
import type { HostExamination } from '../ports.js';
import type { ManagedHost } from './managed-host.js';

/** Above what a dom0 takes that is busy, and emulated. */
const MOST_MILLISECONDS = 120_000;
const WORST_FIRST: readonly Severity[] = ['problem', 'warning', 'unknown', 'ok'];

/** Looks at hosts with their doctors: each at most once at a time, whoever asks. */
export class Examinations {
  readonly #running = new Map<string, Promise<HostExamination>>();

  examine(host: ManagedHost): Promise<HostExamination> {
    const running = this.#running.get(host.id);
    if (running !== undefined) return running;
    const examination = this.#examine(host).finally(() => this.#running.delete(host.id));
    this.#running.set(host.id, examination);
    return examination;
  }

  async #examine(host: ManagedHost): Promise<HostExamination> {
    const findings = [connection(host), ...(await ask(host))];
    // Whoever has just mended the host looks again, and wants to use what it gave.
    if (host.state === 'up') await host.learnLimits();
    const rank = ({ severity }: Finding): number => WORST_FIRST.indexOf(severity);
    return {
      host: host.id,
      driver: host.driver.kind,
      findings: findings.sort((a, b) => rank(a) - rank(b)),
    };
  }
}

async function ask({ doctor }: ManagedHost): Promise<readonly Finding[]> {
  if (doctor === undefined) return [];
  try {
    return await doctor.examine(AbortSignal.timeout(MOST_MILLISECONDS));
  } catch (error) {
    return [finding(LOOK, 'unknown', messageOf(error))];
  }
}

const LOOK = {
  id: 'host.look',
  title: 'A look at the host',
  why: 'What cannot be looked at cannot be said to be well.',
  fix: 'make the host reachable, and ask again',
};

function connection({ state, reason }: ManagedHost): Finding {
  const subject = {
    id: 'host.connection',
    title: 'Connection to the host',
    why: 'While the host does not answer, its instances are lost to us and none can be made.',
    fix: 'see what was found; the daemon tries again by itself',
  };
  if (state === 'up') return finding(subject, 'ok', 'it answers');
  return finding(subject, 'problem', reason ?? 'it does not answer');
}
