// SPDX-License-Identifier: BSD-3-Clause
import type { Condition, ConditionType, InstancePhase, InstanceStatus } from '../instance.js';
import { withCondition } from './conditions.js';
import type { Fact } from './fact.js';
import { PHASE_TABLE, type Next } from './phase-table.js';
import type { Lifecycle, Progress } from './record.js';

/** What a transition needs to know besides the state and the fact. */
export interface TransitionContext {
  /** RFC 3339 UTC. */
  readonly now: string;
  /** The generation of the spec, if the one who states the fact has looked at it; else null. */
  readonly generation: number | null;
  readonly restartGeneration: number;
}

/**
 * The life cycle after a fact. Pure; facts may be repeated and may come late. If nothing changes, the same object comes
 * back, so that callers can tell by identity that there is nothing to write.
 */
export function transition(state: Lifecycle, fact: Fact, context: TransitionContext): Lifecycle {
  const phase = nextPhase(state, fact);
  const progress = nextProgress(state, fact, phase, context);
  const status = nextStatus(state, fact, phase, context);
  return status === state.status && progress === state.progress ? state : { status, progress };
}

/** Facts about a domain of the incarnation before say nothing about this one. */
function isAboutLeftover(progress: Progress, fact: Fact): boolean {
  if (progress.domain !== 'leftover') return false;
  switch (fact.type) {
    case 'seen':
    case 'refused':
    case 'failed':
    case 'host-down':
    case 'host-up':
    case 'restarted':
    case 'stable':
    case 'create-called':
    case 'created':
      return false;
    case 'ready':
    case 'paused':
    case 'resumed':
    case 'ended':
    case 'destroy-called':
    case 'gone':
    case 'absent':
    case 'alive':
    case 'parked':
      return true;
  }
}

function nextPhase(state: Lifecycle, fact: Fact): InstancePhase {
  const { phase } = state.status;
  if (isAboutLeftover(state.progress, fact)) return phase;
  return resolve(PHASE_TABLE[phase][fact.type] ?? 'same', state, fact);
}

function resolve(next: Next, state: Lifecycle, fact: Fact): InstancePhase {
  const { status, progress } = state;
  switch (next) {
    case 'same':
      return status.phase;
    case 'live':
      return livePhase(state, fact);
    case 'revive':
      return progress.domain === 'absent' ? livePhase(state, fact) : status.phase;
    case 'end':
      return endPhase(fact);
    case 'again':
      return fact.type === 'gone' && fact.restart ? 'pending' : 'stopped';
    case 'vanish': {
      const before = progress.lostFrom;
      if (before === null || before === 'lost') return 'failed';
      return resolve(PHASE_TABLE[before].absent ?? before, state, fact);
    }
    default:
      return next;
  }
}

function livePhase({ status, progress }: Lifecycle, fact: Fact): InstancePhase {
  const paused = (fact.type === 'alive' || fact.type === 'created') && fact.paused;
  if (paused) return 'paused';
  const ready = progress.ready || (fact.type === 'alive' && fact.ready !== null);
  return ready || status.readiness === 'hypervisor' ? 'running' : 'booting';
}

/** An exit by the guest's own will is `stopped`, whatever its code; so is one that somebody with access to the host caused. */
function endPhase(fact: Fact): InstancePhase {
  if (fact.type !== 'ended') return 'failed';
  return fact.exit.reason === 'exited' || fact.exit.reason === 'destroyed' ? 'stopped' : 'failed';
}

function nextProgress(
  { status, progress }: Lifecycle,
  fact: Fact,
  phase: InstancePhase,
  context: TransitionContext,
): Progress {
  const next: Progress = {
    domain: nextDomain(progress, fact, phase, status.phase),
    ready: progress.ready,
    lostFrom: phase !== 'lost' ? null : status.phase === 'lost' ? progress.lostFrom : status.phase,
    restartedGeneration: progress.restartedGeneration,
    ...streakAfter(progress, fact, phase),
  };
  const about = isAboutLeftover(progress, fact);
  const changed = beginsIncarnation(fact, phase)
    ? { ...next, ready: false, restartedGeneration: context.restartGeneration }
    : !about && (fact.type === 'ready' || (fact.type === 'alive' && fact.ready !== null))
      ? { ...next, ready: true }
      : phase === 'pending' && fact.type === 'absent'
        ? { ...next, ready: false }
        : next;
  return sameProgress(changed, progress) ? progress : changed;
}

function streakAfter(
  { restartStreak = 0 }: Progress,
  fact: Fact,
  phase: InstancePhase,
): Pick<Progress, 'restartStreak'> {
  const begins = beginsIncarnation(fact, phase);
  const asked = fact.type === 'restarted' ? (fact.streak ?? 0) : 0;
  const streak = begins ? asked : fact.type === 'stable' ? 0 : restartStreak;
  return streak === 0 ? {} : { restartStreak: streak };
}

function beginsIncarnation(fact: Fact, phase: InstancePhase): boolean {
  if (phase !== 'pending') return false;
  return fact.type === 'restarted' || (fact.type === 'gone' && fact.restart);
}

function nextDomain(
  progress: Progress,
  fact: Fact,
  phase: InstancePhase,
  before: InstancePhase,
): Progress['domain'] {
  const old = progress.domain;
  switch (fact.type) {
    case 'create-called':
      return phase === 'creating' ? 'present' : old;
    case 'created':
      return old === 'ended' ? old : 'present';
    case 'alive':
    case 'parked':
      return old === 'leftover' ? old : 'present';
    case 'ended':
      return old === 'leftover' ? old : 'ended';
    case 'gone':
    case 'absent':
      return 'absent';
    case 'restarted':
      return phase !== 'pending' || before === 'pending' || old === 'absent' ? old : 'leftover';
    default:
      return old;
  }
}

function sameProgress(a: Progress, b: Progress): boolean {
  return (
    a.domain === b.domain &&
    a.ready === b.ready &&
    a.lostFrom === b.lostFrom &&
    a.restartedGeneration === b.restartedGeneration &&
    a.restartStreak === b.restartStreak
  );
}

type Draft = { -readonly [K in keyof InstanceStatus]: InstanceStatus[K] };

function nextStatus(
  state: Lifecycle,
  fact: Fact,
  phase: InstancePhase,
  context: TransitionContext,
): InstanceStatus {
  const old = state.status;
  const draft: Draft = { ...old, phase };
  if (context.generation !== null && context.generation > draft.observedGeneration) {
    draft.observedGeneration = context.generation;
  }
  if (!isAboutLeftover(state.progress, fact)) describe(draft, old, fact, context.now);
  if (beginsIncarnation(fact, phase)) beginAgain(draft, old, context.now);
  return sameStatus(draft, old) ? old : draft;
}

function sameStatus(a: InstanceStatus, b: InstanceStatus): boolean {
  return (Object.keys(a) as (keyof InstanceStatus)[]).every((key) => a[key] === b[key]);
}

/** Sets what the fact says about conditions, time stamps and the exit. */
function describe(draft: Draft, old: InstanceStatus, fact: Fact, now: string): void {
  const moved = draft.phase !== old.phase;
  const set = (type: ConditionType, status: boolean, reason: string, message = ''): void => {
    draft.conditions = withCondition(draft.conditions, type, status, reason, message, now);
  };
  const stamp = (step: keyof InstanceStatus['timings']): void => {
    if (draft.timings[step] === undefined) draft.timings = { ...draft.timings, [step]: now };
  };
  switch (fact.type) {
    case 'created':
      if (fact.warm !== true && draft.provisioning === 'warm') draft.provisioning = 'cold';
      if (!moved) break;
      set('Created', true, 'DomainCreated');
      stamp('created');
      break;
    case 'alive':
      if (old.phase === 'stopping') break;
      set('Created', true, 'DomainCreated');
      stamp('created');
      if (fact.ready !== null) draft.bootNanoseconds ??= fact.ready.bootNanoseconds;
      break;
    case 'ready':
      draft.bootNanoseconds ??= fact.bootNanoseconds;
      if (draft.phase === 'running') {
        set('Created', true, 'DomainCreated');
        stamp('created');
      }
      break;
    case 'refused':
      if (old.phase === 'pending' || old.phase === 'creating') {
        set('Created', false, fact.reason, fact.message);
      }
      break;
    case 'failed':
      if (moved) set('Ready', false, fact.reason, fact.message);
      break;
    case 'ended':
      if (!moved && old.phase !== 'stopping') break;
      set('Ready', false, END_REASONS[fact.exit.reason], fact.exit.message);
      draft.exitCode = fact.exit.exitCode;
      stamp('stopped');
      break;
    case 'destroy-called':
      if (moved) stamp('stopping');
      break;
    case 'gone':
      if (old.phase === 'pending') break;
      set('Created', false, 'Destroyed');
      if (moved && draft.phase === 'stopped') {
        set('Ready', false, 'Destroyed');
        stamp('stopped');
      }
      break;
    case 'absent':
      describeAbsence(draft, moved, set, stamp);
      break;
    case 'host-down':
      set('HostReachable', false, 'HostDown', fact.reason);
      if (moved) set('Ready', false, 'HostDown', fact.reason);
      break;
    case 'host-up':
      set('HostReachable', true, 'HostUp');
      break;
    case 'seen':
    case 'parked':
    case 'create-called':
    case 'paused':
    case 'resumed':
    case 'restarted':
    case 'stable':
      break;
  }
  if (moved) describePhase(draft, set, stamp);
}

type SetCondition = (
  type: ConditionType,
  status: boolean,
  reason: string,
  message?: string,
) => void;
type Stamp = (step: keyof InstanceStatus['timings']) => void;

function describeAbsence(draft: Draft, moved: boolean, set: SetCondition, stamp: Stamp): void {
  if (!moved) return;
  set('Created', false, 'DomainDisappeared', 'The host answers and has no trace of the domain.');
  if (draft.phase === 'pending') return;
  set('Ready', false, 'DomainDisappeared', 'It ended unseen; the host does not tell how.');
  stamp('stopped');
}

function describePhase(draft: Draft, set: SetCondition, stamp: Stamp): void {
  switch (draft.phase) {
    case 'running':
      stamp('unpaused');
      stamp('ready');
      if (draft.readiness === 'guest') set('Ready', true, 'GuestReady');
      else set('Ready', true, 'HypervisorRuns', 'The image cannot say that it reached main.');
      break;
    case 'booting':
      stamp('unpaused');
      break;
    case 'paused':
      set('Ready', false, 'Paused');
      break;
    default:
      break;
  }
}

/** The status of the next incarnation: nothing of the last one's course is left but the count. */
function beginAgain(draft: Draft, old: InstanceStatus, now: string): void {
  const { accepted, admitted } = old.timings;
  draft.restarts = old.restarts + 1;
  draft.exitCode = null;
  draft.bootNanoseconds = null;
  draft.timings = {
    ...(accepted === undefined ? {} : { accepted }),
    ...(admitted === undefined ? {} : { admitted }),
  };
  let conditions: readonly Condition[] = draft.conditions;
  conditions = withCondition(conditions, 'Created', false, 'Restarting', '', now);
  draft.conditions = withCondition(conditions, 'Ready', false, 'Restarting', '', now);
}

const END_REASONS = {
  exited: 'Exited',
  crashed: 'Crashed',
  destroyed: 'DestroyedOnHost',
  unknown: 'EndedUnknown',
} as const;
