// SPDX-License-Identifier: BSD-3-Clause
// The thread that owns the database, so that no fsync holds up the event loop. It imports no values of our own and uses no
// syntax that needs compiling, so that tests can start it from its source.
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type {
  SqlValue,
  WorkerFailure,
  WorkerReply,
  WorkerRequest,
  WorkerSetup,
} from './protocol.js';

const setup = workerData as WorkerSetup;
let database: DatabaseSync | undefined;
let statements: StatementSync[] = [];
let synchronous: 'FULL' | 'NORMAL' | undefined;

class NewerDatabase extends Error {
  readonly version: number;
  constructor(version: number) {
    super(`The database is of version ${version}.`);
    this.version = version;
  }
}

function connection(): DatabaseSync {
  if (database === undefined) throw new Error('The database is not open.');
  return database;
}

/**
 * Opens and locks the database, checks it, and brings its schema up to date. The lock is SQLite's own exclusive mode, which the
 * kernel releases when the process ends, however it ends. See https://sqlite.org/pragma.html#pragma_locking_mode.
 */
function open(): void {
  database = new DatabaseSync(setup.path);
  database.exec('PRAGMA locking_mode = EXCLUSIVE');
  database.exec('PRAGMA journal_mode = WAL');
  database.exec('BEGIN EXCLUSIVE; COMMIT');
  const pageSize = Number(database.prepare('PRAGMA page_size').get()?.page_size);
  database.exec(
    `PRAGMA max_page_count = ${Math.max(1, Math.floor(setup.maximumBytes / pageSize))}`,
  );
  database.exec('PRAGMA journal_size_limit = 67108864');
  const check = database.prepare('PRAGMA quick_check(1)').get()?.quick_check;
  if (check !== 'ok') {
    throw Object.assign(new Error(String(check)), { errcode: 11 });
  }
  migrate(database);
  statements = setup.statements.map((sql) => connection().prepare(sql));
}

function migrate(db: DatabaseSync): void {
  db.exec(
    'CREATE TABLE IF NOT EXISTS migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL) STRICT',
  );
  const done = Number(db.prepare('SELECT coalesce(max(version), 0) AS n FROM migrations').get()?.n);
  if (done > setup.migrations.length) throw new NewerDatabase(done);
  const note = db.prepare('INSERT INTO migrations VALUES (?, ?, ?)');
  for (const [index, { name, sql }] of setup.migrations.entries()) {
    if (index < done) continue;
    db.exec('BEGIN');
    try {
      db.exec(sql);
      note.run(index + 1, name, new Date().toISOString());
      db.exec('COMMIT');
    } catch (error) {
      db.exec('ROLLBACK');
      throw error;
    }
  }
  db.prepare("INSERT OR IGNORE INTO meta VALUES ('stateId', ?)").run(setup.newStateId);
}

function commit(
  calls: Extract<WorkerRequest, { type: 'commit' }>['calls'],
  durable: boolean,
): void {
  const db = connection();
  const wanted = durable ? 'FULL' : 'NORMAL';
  if (wanted !== synchronous) {
    db.exec(`PRAGMA synchronous = ${wanted}`);
    synchronous = wanted;
  }
  db.exec('BEGIN');
  try {
    for (const [index, ...values] of calls) {
      const statement = statements[index];
      if (statement === undefined) throw new Error(`There is no statement ${index}.`);
      statement.run(...values);
    }
    db.exec('COMMIT');
  } catch (error) {
    // SQLite has already rolled back after some errors, a full disk among them.
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

function query(sql: string): SqlValue[][] {
  const statement = connection().prepare(sql);
  statement.setReturnArrays(true);
  return statement.all() as unknown as SqlValue[][];
}

function answer(request: WorkerRequest): SqlValue[][] {
  switch (request.type) {
    case 'open':
      open();
      return [];
    case 'query':
      return query(request.sql);
    case 'commit':
      commit(request.calls, request.durable);
      return [];
    case 'close':
      database?.close();
      database = undefined;
      return [];
  }
}

function failureOf(error: unknown): WorkerFailure {
  const code = (error as { errcode?: unknown }).errcode;
  return {
    message: error instanceof Error ? error.message : String(error),
    sqliteCode: typeof code === 'number' ? code : null,
    ...(error instanceof NewerDatabase ? { newerVersion: error.version } : {}),
  };
}

parentPort?.on('message', (request: WorkerRequest) => {
  let reply: WorkerReply;
  try {
    reply = { ok: true, rows: answer(request) };
  } catch (error) {
    reply = { ok: false, failure: failureOf(error) };
  }
  parentPort?.postMessage(reply);
  if (request.type === 'close') parentPort?.close();
});
