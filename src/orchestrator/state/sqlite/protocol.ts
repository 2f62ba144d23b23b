// SPDX-License-Identifier: BSD-3-Clause

export type SqlValue = string | number | null;

/** One statement of a batch: its index in the statements that the worker was given, and its values. */
export type SqlCall = readonly [statement: number, ...values: SqlValue[]];

export interface WorkerSetup {
  readonly path: string;
  readonly migrations: readonly { readonly name: string; readonly sql: string }[];
  readonly statements: readonly string[];
  readonly maximumBytes: number;
  readonly newStateId: string;
}

export type WorkerRequest =
  | { readonly type: 'open' }
  | { readonly type: 'query'; readonly sql: string }
  | { readonly type: 'commit'; readonly calls: readonly SqlCall[]; readonly durable: boolean }
  | { readonly type: 'close' };

/** What went wrong in the worker, as far as it can be told over a message port. */
export interface WorkerFailure {
  readonly message: string;
  /** SQLite's extended result code, or null if the trouble is not SQLite's. */
  readonly sqliteCode: number | null;
  /** Set if the database is from a newer Unicore: its version. */
  readonly newerVersion?: number;
}

export type WorkerReply =
  | { readonly ok: true; readonly rows: readonly (readonly SqlValue[])[] }
  | { readonly ok: false; readonly failure: WorkerFailure };
