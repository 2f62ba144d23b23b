// SPDX-License-Identifier: BSD-3-Clause
import type { ImageDigest } from '../build/image.js';
import type { Target } from '../build/target.js';

/**
 * Where an instance is in its life. `stopped`: the guest ended by itself, with whatever exit code, or somebody with access to the
 * host ended it. `failed`: it crashed, could not be created, did not reach `main` in time, or ended unseen. `lost`: the host does
 * not answer; nothing was destroyed by us.
 */
export type InstancePhase =
  | 'pending'
  | 'creating'
  | 'paused'
  | 'booting'
  | 'running'
  | 'stopping'
  | 'stopped'
  | 'failed'
  | 'lost';

/** The phases that an instance leaves only by being deleted or, with a restart policy, by being started again. */
export const ENDED_PHASES: ReadonlySet<InstancePhase> = new Set(['stopped', 'failed']);

export type RestartPolicy = 'never' | 'on-failure' | 'always';

/** How long a start may take before the instance has failed. */
export interface Deadlines {
  /** From acceptance, or from the restart, until the domain is there. No limit unless given. */
  readonly startSeconds?: number;
  /** From then until the guest reaches `main`. The daemon's own limit unless given. */
  readonly bootSeconds?: number;
}

/** What a user asks for. Validated: names `[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?`, sizes in bytes. */
export interface InstanceSpec {
  readonly image: ImageDigest;
  readonly app: string | null;
  readonly target: Target | null;
  readonly host: string;
  readonly memoryBytes: number;
  readonly vcpus: number;
  readonly args: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly restartPolicy: RestartPolicy;
  /** Restarts by policy without a stable run between them, at most; no limit if absent or null. */
  readonly restartLimit?: number | null;
  /** After so long since its creation it is deleted. */
  readonly ttlSeconds?: number | null;
  /** After so long since its end it is deleted, unless it starts again. */
  readonly ttlAfterFinishedSeconds?: number | null;
  readonly deadlines?: Deadlines;
  /** How long a guest that is being deleted is given to end by itself. */
  readonly graceSeconds?: number;
  /** What the user wants it to be. The reconciler brings the world to it. */
  readonly desired: 'running' | 'paused' | 'deleted';
}

export type ConditionType = 'Admitted' | 'Created' | 'Ready' | 'HostReachable';

/** One fact about an instance, with the reason in one word for programs and a message for people. */
export interface Condition {
  readonly type: ConditionType;
  readonly status: boolean;
  readonly reason: string;
  readonly message: string;
  /** RFC 3339 UTC: since when the status is as it is. */
  readonly since: string;
}

/** When each step was reached, RFC 3339 UTC with milliseconds. A step that was not reached is absent. */
export type InstanceTimings = Readonly<
  Partial<
    Record<
      | 'accepted'
      | 'admitted'
      | 'claimed'
      | 'created'
      | 'unpaused'
      | 'ready'
      | 'stopping'
      | 'stopped',
      string
    >
  >
>;

export interface InstanceStatus {
  readonly observedGeneration: number;
  readonly phase: InstancePhase;
  readonly conditions: readonly Condition[];
  readonly provisioning: 'warm' | 'cold';
  /** How `running` is known: the guest said that it reached `main`, or only the hypervisor says that it runs. */
  readonly readiness: 'guest' | 'hypervisor';
  readonly exitCode: number | null;
  /** From the guest's entry to `main`, if it told. */
  readonly bootNanoseconds: number | null;
  readonly timings: InstanceTimings;
  readonly restarts: number;
}

/** One unikernel that runs, or should run. */
export interface Instance {
  /** A UUID; the hypervisor's domain UUID too. */
  readonly id: string;
  readonly name: string;
  /** Whose quota it counts against: the name of the token that it was made with; null if it is older than that. */
  readonly owner: string | null;
  readonly createdAt: string;
  /** Counts changes of the spec. */
  readonly generation: number;
  readonly spec: InstanceSpec;
  readonly status: InstanceStatus;
}
