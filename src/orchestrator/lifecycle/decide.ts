// SPDX-License-Identifier: BSD-3-Clause
import { ENDED_PHASES } from '../instance.js';
import type { LifeLimits } from './limits.js';
import { restartsByPolicy, wantsRestart, type InstanceRecord } from './record.js';

/** What to do next for one instance. */
export type Decision =
  | { readonly act: 'nothing' }
  /** Look again after this many milliseconds, unless something happens before. */
  | { readonly act: 'wait'; readonly milliseconds: number }
  | { readonly act: 'create' }
  | { readonly act: 'destroy' }
  | { readonly act: 'pause' }
  | { readonly act: 'resume' }
  /** Begin another incarnation. */
  | { readonly act: 'restart' }
  /** The guest did not reach `main` in time. */
  | { readonly act: 'give-up' }
  /** Ask the host what it knows of the domain. */
  | { readonly act: 'observe' }
  /** The domain is gone: remove the record. */
  | { readonly act: 'remove' };

/** What the decision depends on besides the record. Times are the clock's monotonic milliseconds. */
export interface Situation {
  readonly now: number;
  readonly hostUp: boolean;
  /** Not to be tried before, after a failure. */
  readonly notBefore: number;
  /** Since when the instance is in its phase. */
  readonly phaseSince: number;
  /** When an ended instance with a restart policy may start again. */
  readonly restartAt: number;
  readonly limits: Pick<LifeLimits, 'bootMilliseconds'>;
}

const NOTHING: Decision = { act: 'nothing' };

/** Compares what is wanted with what is, and says the next step. Pure, so that it can be asked at any time. */
export function decide(record: InstanceRecord, situation: Situation): Decision {
  const wanted = next(record, situation);
  switch (wanted.act) {
    case 'nothing':
    case 'wait':
      return wanted;
    case 'remove':
    case 'restart':
      return notYet(situation) ?? wanted;
    default:
      // Unreachable is not gone: nothing is done to a host that does not answer.
      return situation.hostUp ? (notYet(situation) ?? wanted) : NOTHING;
  }
}

function notYet({ now, notBefore }: Situation): Decision | null {
  return now < notBefore ? { act: 'wait', milliseconds: notBefore - now } : null;
}

function next(record: InstanceRecord, situation: Situation): Decision {
  const { spec, status } = record.instance;
  const { domain } = record.progress;
  const ended = ENDED_PHASES.has(status.phase);

  if (spec.desired === 'deleted') {
    return domain === 'absent' ? { act: 'remove' } : { act: 'destroy' };
  }
  if (wantsRestart(record)) {
    if (status.phase === 'lost') return { act: 'observe' };
    return ended || domain === 'absent' ? { act: 'restart' } : { act: 'destroy' };
  }
  switch (status.phase) {
    case 'pending':
      return domain === 'leftover' ? { act: 'destroy' } : { act: 'create' };
    case 'creating':
      return { act: 'create' };
    case 'booting':
      if (spec.desired === 'paused') return { act: 'pause' };
      return bootDeadline(situation);
    case 'running':
      return spec.desired === 'paused' ? { act: 'pause' } : NOTHING;
    case 'paused':
      return spec.desired === 'running' ? { act: 'resume' } : NOTHING;
    case 'stopping':
      return { act: 'destroy' };
    case 'lost':
      return { act: 'observe' };
    case 'stopped':
    case 'failed':
      // What we gave up may still run, or half of it may be there.
      if (domain === 'present') return { act: 'destroy' };
      return restartsByPolicy(record) ? byPolicy(situation) : NOTHING;
  }
}

function bootDeadline({ now, phaseSince, limits }: Situation): Decision {
  const left = phaseSince + limits.bootMilliseconds - now;
  return left > 0 ? { act: 'wait', milliseconds: left } : { act: 'give-up' };
}

function byPolicy({ now, restartAt }: Situation): Decision {
  return now < restartAt ? { act: 'wait', milliseconds: restartAt - now } : { act: 'restart' };
}
