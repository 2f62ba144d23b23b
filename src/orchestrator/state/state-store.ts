// SPDX-License-Identifier: BSD-3-Clause
import type { InstanceStatus, InstanceSpec } from '../instance.js';
import type { InstanceOrigin, Progress } from '../lifecycle/index.js';
import type { EventRecord } from '../ports.js';

/** The part of an instance that requests change. */
export interface StoredDefinition {
  readonly name: string;
  /** Absent in what was written before instances had owners. */
  readonly owner?: string | null;
  readonly createdAt: string;
  readonly generation: number;
  readonly spec: InstanceSpec;
  readonly restartGeneration: number;
  readonly origin: InstanceOrigin | null;
  readonly requestId?: string | undefined;
}

/** The part of an instance that the world changes. Written apart, so that neither overwrites the other. */
export interface StoredProgress {
  readonly status: InstanceStatus;
  readonly progress: Progress;
}

export interface StoredInstance {
  readonly ordinal: number;
  readonly id: string;
  readonly definition: StoredDefinition;
  readonly progress: StoredProgress;
}

/** An operation, an answer or a warm pool: its meaning is its owner's. */
export interface StoredDocument {
  readonly id: string;
  readonly document: unknown;
}

export type StateChange =
  | { readonly type: 'put-instance'; readonly instance: StoredInstance }
  | { readonly type: 'put-definition'; readonly id: string; readonly definition: StoredDefinition }
  | { readonly type: 'put-progress'; readonly id: string; readonly progress: StoredProgress }
  | { readonly type: 'delete-instance'; readonly id: string }
  | { readonly type: 'append-event'; readonly event: EventRecord }
  /** Forgets the events up to and including this number. */
  | { readonly type: 'trim-events'; readonly through: number }
  | { readonly type: 'put-operation'; readonly operation: StoredDocument }
  | { readonly type: 'delete-operation'; readonly id: string }
  | { readonly type: 'put-pool'; readonly pool: StoredDocument }
  | { readonly type: 'delete-pool'; readonly id: string }
  | { readonly type: 'put-answer'; readonly answer: StoredDocument }
  | { readonly type: 'delete-answer'; readonly id: string };

export interface StoredState {
  /** In the order of their ordinals. */
  readonly instances: readonly StoredInstance[];
  /** In the order of their numbers, without gaps. */
  readonly events: readonly EventRecord[];
  /** The number of the newest event that there ever was. */
  readonly lastSeq: number;
  /** The greatest ordinal that there ever was. */
  readonly lastOrdinal: number;
  /** In the order in which they were first put. */
  readonly operations: readonly StoredDocument[];
  readonly answers: readonly StoredDocument[];
  readonly pools: readonly StoredDocument[];
}

/**
 * Where state is kept. Reads come from memory; this port is the truth behind it. It has one user, who calls `load` once
 * and one `commit` at a time.
 */
export interface StateStore {
  /**
   * Made up when the store was made, and part of it. It is the ownership marker of domains: guests of a store that is gone
   * are strangers to the next one, and live.
   */
  readonly stateId: string;
  load(): Promise<StoredState>;
  /**
   * Writes all changes or none. With `durable` they are on the disk when it resolves, and so is all that was committed before;
   * without, they survive the end of this process but perhaps not a power failure.
   * @throws STORAGE_FULL, STATE_CORRUPT, INTERNAL
   */
  commit(changes: readonly StateChange[], durable: boolean): Promise<void>;
  close(): Promise<void>;
}
