// SPDX-License-Identifier: BSD-3-Clause
import type { KeepAlive } from '../options.js';
import type { NativeCalls } from './calls.js';
import type { NativeFailure } from './failure.js';

/** What a call worker is started with. */
export interface CallWorkerData {
  readonly uri: string;
  readonly keepAlive: KeepAlive;
}

export type CallMethod = keyof NativeCalls;

/** Asked of a call worker. */
export type CallRequest =
  | {
      readonly type: 'call';
      readonly id: number;
      /** The worker makes a new connection where this is not what it was at its last call. */
      readonly generation: number;
      readonly method: CallMethod;
      readonly args: readonly unknown[];
    }
  /** Opens a connection for the event worker, and gives its address. */
  | { readonly type: 'open'; readonly id: number }
  /** Closes the connection and ends the worker. */
  | { readonly type: 'stop' };

export type CallReply =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly failure: NativeFailure };

/** Asked of the event worker. */
export type EventRequest =
  | { readonly type: 'adopt'; readonly connection: bigint; readonly generation: number }
  | { readonly type: 'release'; readonly generation: number }
  | { readonly type: 'stop' };

/** Told by the event worker. */
export type EventNotice =
  /** The loop runs; the timer, set to 0 ms, wakes it. */
  | { readonly type: 'running'; readonly timer: number }
  | { readonly type: 'adopted'; readonly generation: number }
  /** The connection is gone: it failed, or it was released. */
  | { readonly type: 'closed'; readonly generation: number; readonly reason: string }
  | {
      readonly type: 'lifecycle';
      readonly generation: number;
      readonly id: string;
      /** virDomainEventType and its detail. */
      readonly event: number;
      readonly detail: number;
    };
