// SPDX-License-Identifier: BSD-3-Clause
import type { StateChange } from '../state-store.js';
import type { SqlCall } from './protocol.js';

/** Applied in this order, once each. Added to at the end, never changed. */
export const MIGRATIONS = [
  {
    name: 'first',
    sql: `
      CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
      CREATE TABLE instances (
        ordinal INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        definition TEXT NOT NULL,
        progress TEXT NOT NULL
      ) STRICT;
      CREATE TABLE events (seq INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL) STRICT;
      CREATE TABLE operations (
        ordinal INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        document TEXT NOT NULL
      ) STRICT;
      CREATE TABLE answers (
        ordinal INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        document TEXT NOT NULL
      ) STRICT;
    `,
  },
  {
    name: 'warm pools',
    sql: `
      CREATE TABLE warm_pools (
        ordinal INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        document TEXT NOT NULL
      ) STRICT;
    `,
  },
] as const;

const PUT_DOCUMENT =
  '(id, document) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET document = excluded.document';

/** AUTOINCREMENT tables keep the greatest number that was ever used in sqlite_sequence, through deletes. */
const STATEMENTS = {
  putInstance: 'INSERT OR REPLACE INTO instances VALUES (?, ?, ?, ?)',
  putDefinition: 'UPDATE instances SET definition = ? WHERE id = ?',
  putProgress: 'UPDATE instances SET progress = ? WHERE id = ?',
  deleteInstance: 'DELETE FROM instances WHERE id = ?',
  appendEvent: 'INSERT INTO events VALUES (?, ?)',
  trimEvents: 'DELETE FROM events WHERE seq <= ?',
  putOperation: `INSERT INTO operations ${PUT_DOCUMENT}`,
  deleteOperation: 'DELETE FROM operations WHERE id = ?',
  putAnswer: `INSERT INTO answers ${PUT_DOCUMENT}`,
  deleteAnswer: 'DELETE FROM answers WHERE id = ?',
  putPool: `INSERT INTO warm_pools ${PUT_DOCUMENT}`,
  deletePool: 'DELETE FROM warm_pools WHERE id = ?',
} as const;

type StatementName = keyof typeof STATEMENTS;

export const STATEMENT_TEXTS: readonly string[] = Object.values(STATEMENTS);

const INDEX = Object.fromEntries(
  Object.keys(STATEMENTS).map((name, index) => [name, index]),
) as Record<StatementName, number>;

export const QUERIES = {
  stateId: "SELECT value FROM meta WHERE key = 'stateId'",
  instances: 'SELECT ordinal, id, definition, progress FROM instances ORDER BY ordinal',
  events: 'SELECT event FROM events ORDER BY seq',
  operations: 'SELECT id, document FROM operations ORDER BY ordinal',
  answers: 'SELECT id, document FROM answers ORDER BY ordinal',
  pools: 'SELECT id, document FROM warm_pools ORDER BY ordinal',
  sequences: 'SELECT name, seq FROM sqlite_sequence',
} as const;

/** The statement that carries a change out. */
export function sqlOf(change: StateChange): SqlCall {
  switch (change.type) {
    case 'put-instance': {
      const { ordinal, id, definition, progress } = change.instance;
      return [INDEX.putInstance, ordinal, id, JSON.stringify(definition), JSON.stringify(progress)];
    }
    case 'put-definition':
      return [INDEX.putDefinition, JSON.stringify(change.definition), change.id];
    case 'put-progress':
      return [INDEX.putProgress, JSON.stringify(change.progress), change.id];
    case 'delete-instance':
      return [INDEX.deleteInstance, change.id];
    case 'append-event':
      return [INDEX.appendEvent, change.event.seq, JSON.stringify(change.event)];
    case 'trim-events':
      return [INDEX.trimEvents, change.through];
    case 'put-operation':
      return [INDEX.putOperation, change.operation.id, JSON.stringify(change.operation.document)];
    case 'delete-operation':
      return [INDEX.deleteOperation, change.id];
    case 'put-pool':
      return [INDEX.putPool, change.pool.id, JSON.stringify(change.pool.document)];
    case 'delete-pool':
      return [INDEX.deletePool, change.id];
    case 'put-answer':
      return [INDEX.putAnswer, change.answer.id, JSON.stringify(change.answer.document)];
    case 'delete-answer':
      return [INDEX.deleteAnswer, change.id];
  }
}
