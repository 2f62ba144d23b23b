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
  /** Ask the guest to end itself. */
  | { readonly act: 'shutdown' }
  /** Its time is over: want it deleted. */
  | { readonly act: 'expire' }
  /** It has run for long enough to forget earlier restarts. */
  | { readonly act: 'settle' }
  /** Begin another incarnation. */
  | { readonly act: 'restart' }
  /** It was not created, or the guest did not reach `main`, in time. */
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
  /** When this incarnation was accepted. */
  readonly startedAt: number;
  /** When it is to be deleted; null for never. */
  readonly expiresAt: number | null;
  /** Until when a guest that was asked to end is given time; null if it was not asked. */
  readonly graceUntil: number | null;
  /** Whether its driver can ask a guest to end. */
  readonly canShutdown: boolean;
  readonly limits: Pick<LifeLimits, 'bootMilliseconds' | 'stableMilliseconds'>;
}

const NOTHING: Decision = { act: 'nothing' };

/** Compares what is wanted with what is, and says the next step. Pure, so that it can be asked at any time. */
export function decide(record: InstanceRecord, situation: Situation): Decision {
  const { now, expiresAt } = situation;
  if (expiresAt === null || record.instance.spec.desired === 'deleted') {
    return possible(next(record, situation), situation);
  }
  if (now >= expiresAt) return notYet(situation) ?? { act: 'expire' };
  return atMost(possible(next(record, situation), situation), expiresAt - now);
}

function atMost(decision: Decision, milliseconds: number): Decision {
  if (decision.act === 'nothing') return { act: 'wait', milliseconds };
  if (decision.act !== 'wait') return decision;
  return { act: 'wait', milliseconds: Math.min(milliseconds, decision.milliseconds) };
}

function possible(wanted: Decision, situation: Situation): Decision {
  switch (wanted.act) {
    case 'nothing':
    case 'wait':
      return wanted;
    case 'remove':
    case 'restart':
    case 'settle':
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
    return domain === 'absent'
      ? { act: 'remove' }
      : (grace(record, situation) ?? { act: 'destroy' });
  }
  if (wantsRestart(record)) {
    if (status.phase === 'lost') return { act: 'observe' };
    return ended || domain === 'absent' ? { act: 'restart' } : { act: 'destroy' };
  }
  switch (status.phase) {
    case 'pending':
      if (isLate(record, situation)) return { act: 'give-up' };
      return domain === 'leftover' ? { act: 'destroy' } : { act: 'create' };
    case 'creating':
      return isLate(record, situation) ? { act: 'give-up' } : { act: 'create' };
    case 'booting':
      if (spec.desired === 'paused') return { act: 'pause' };
      return bootDeadline(record, situation);
    case 'running':
      return spec.desired === 'paused' ? { act: 'pause' } : stability(record, situation);
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

/** What is left of the time that a guest is given to end by itself; null if it has none, or has used it. */
function grace(
  { instance: { spec, status }, progress }: InstanceRecord,
  { now, graceUntil, canShutdown }: Situation,
): Decision | null {
  if ((spec.graceSeconds ?? 0) === 0 || !canShutdown || progress.domain !== 'present') return null;
  if (graceUntil !== null) {
    return now < graceUntil ? { act: 'wait', milliseconds: graceUntil - now } : null;
  }
  const hears = ['running', 'booting', 'stopping'].includes(status.phase);
  return hears ? { act: 'shutdown' } : null;
}

function isLate({ instance: { spec } }: InstanceRecord, { now, startedAt }: Situation): boolean {
  const seconds = spec.deadlines?.startSeconds;
  return seconds !== undefined && now >= startedAt + seconds * 1000;
}

function stability({ progress }: InstanceRecord, { now, phaseSince, limits }: Situation): Decision {
  if ((progress.restartStreak ?? 0) === 0) return NOTHING;
  const left = phaseSince + limits.stableMilliseconds - now;
  return left > 0 ? { act: 'wait', milliseconds: left } : { act: 'settle' };
}

/** How long a guest may take to reach `main`, in milliseconds. */
export function bootMillisecondsOf(
  { instance: { spec } }: InstanceRecord,
  limits: Pick<LifeLimits, 'bootMilliseconds'>,
): number {
  const seconds = spec.deadlines?.bootSeconds;
  return seconds === undefined ? limits.bootMilliseconds : seconds * 1000;
}

function bootDeadline(record: InstanceRecord, { now, phaseSince, limits }: Situation): Decision {
  const left = phaseSince + bootMillisecondsOf(record, limits) - now;
  return left > 0 ? { act: 'wait', milliseconds: left } : { act: 'give-up' };
}

function byPolicy({ now, restartAt }: Situation): Decision {
  return now < restartAt ? { act: 'wait', milliseconds: restartAt - now } : { act: 'restart' };
}
