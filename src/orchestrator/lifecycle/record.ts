// SPDX-License-Identifier: BSD-3-Clause
import type { Instance, InstancePhase, InstanceStatus } from '../instance.js';
import { ENDED_PHASES } from '../instance.js';

/**
 * What is known of the domain behind an instance: there is none; there is one, or there may be (a create was called);
 * there is one that has ended; there is one of the incarnation before, to be destroyed before the next is created.
 */
export type DomainPresence = 'absent' | 'present' | 'ended' | 'leftover';

/** What the reconciler knows beyond the public status. It is written together with it. */
export interface Progress {
  readonly domain: DomainPresence;
  /** Whether this incarnation's guest has reached `main`. */
  readonly ready: boolean;
  /** The phase before `lost`. */
  readonly lostFrom: InstancePhase | null;
  /** The newest restart request that has been carried out, as a generation of the spec. */
  readonly restartedGeneration: number;
  /** Restarts by policy since the last stable run; absent for none. */
  readonly restartStreak?: number;
}

/** The part of a record that the world changes; `transition` computes it. */
export interface Lifecycle {
  readonly status: InstanceStatus;
  readonly progress: Progress;
}

/** Which item of which operation made an instance. */
export interface InstanceOrigin {
  readonly operation: string;
  readonly index: number;
}

/** An instance as it is kept: the public face and what only the orchestrator needs. */
export interface InstanceRecord {
  /** Counts acceptances; the order of lists. */
  readonly ordinal: number;
  readonly instance: Instance;
  /** The generation in which a restart was last asked for; 0 if never. */
  readonly restartGeneration: number;
  readonly origin: InstanceOrigin | null;
  /** The name of the request that made it, if it has one. */
  readonly requestId?: string | undefined;
  readonly progress: Progress;
}

/** Whether the user has asked for a restart that has not been carried out. */
export function wantsRestart(record: InstanceRecord): boolean {
  return record.restartGeneration > record.progress.restartedGeneration;
}

/** Whether the instance has ended and its restart policy says that it starts again. */
export function restartsByPolicy(record: InstanceRecord): boolean {
  const { spec, status } = record.instance;
  if (spec.desired === 'deleted' || !ENDED_PHASES.has(status.phase)) return false;
  if ((record.progress.restartStreak ?? 0) >= (spec.restartLimit ?? Infinity)) return false;
  switch (spec.restartPolicy) {
    case 'never':
      return false;
    case 'always':
      return true;
    case 'on-failure':
      return status.phase === 'failed' || (status.exitCode ?? 0) !== 0;
  }
}

/** Whether the instance takes up room on its host, now or as soon as it is started again. */
export function holdsCapacity(record: InstanceRecord): boolean {
  const { spec, status } = record.instance;
  if (record.progress.domain === 'present' || record.progress.domain === 'leftover') return true;
  if (spec.desired === 'deleted') return false;
  return !ENDED_PHASES.has(status.phase) || restartsByPolicy(record);
}

/** The record with another life cycle; the same record if nothing changed. */
export function withLifecycle(record: InstanceRecord, next: Lifecycle): InstanceRecord {
  if (next.status === record.instance.status && next.progress === record.progress) return record;
  return {
    ...record,
    instance: { ...record.instance, status: next.status },
    progress: next.progress,
  };
}
