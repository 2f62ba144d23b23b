// SPDX-License-Identifier: BSD-3-Clause
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { UnicoreError } from '../../../errors/index.js';
import type { EventRecord } from '../../ports.js';
import type {
  StateChange,
  StateStore,
  StoredDefinition,
  StoredDocument,
  StoredProgress,
  StoredState,
} from '../state-store.js';
import type {
  SqlValue,
  WorkerFailure,
  WorkerReply,
  WorkerRequest,
  WorkerSetup,
} from './protocol.js';
import { MIGRATIONS, QUERIES, sqlOf, STATEMENT_TEXTS } from './schema.js';
import { findWalDamage } from './wal-damage.js';

export interface SqliteStateStoreOptions {
  /** The database's size limit in bytes; beyond it writes are refused with STORAGE_FULL. Default 4 GiB. */
  readonly maximumBytes?: number;
}

/** The file's name in the state directory. */
export const DATABASE_FILE = 'state.db';

const DEFAULT_MAXIMUM_BYTES = 4 * 2 ** 30;
/** Primary result codes, https://sqlite.org/rescode.html. */
const BUSY = 5;
const LOCKED = 6;
const CORRUPT = 11;
const FULL = 13;
const CANNOT_OPEN = 14;
const NOT_A_DATABASE = 26;

type Rows = readonly (readonly SqlValue[])[];

/**
 * Opens, and makes if needed, the store in a state directory (mode 0700), and holds it alone until `close`.
 * @throws STATE_LOCKED, STATE_CORRUPT, STORAGE_FULL
 */
export async function openSqliteStateStore(
  directory: string,
  options: SqliteStateStoreOptions = {},
): Promise<StateStore> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, DATABASE_FILE);
  // Before SQLite sees it, because SQLite would go on without what it cannot read.
  const damage = findWalDamage(`${path}-wal`);
  if (damage !== null) throw damagedLog(path, damage);
  const thread = new DatabaseThread({
    path,
    migrations: MIGRATIONS,
    statements: STATEMENT_TEXTS,
    maximumBytes: options.maximumBytes ?? DEFAULT_MAXIMUM_BYTES,
    newStateId: randomUUID(),
  });
  try {
    await thread.ask({ type: 'open' });
    const [row] = await thread.ask({ type: 'query', sql: QUERIES.stateId });
    return new SqliteStateStore(thread, String(row?.[0]));
  } catch (error) {
    await thread.end();
    throw error;
  }
}

class SqliteStateStore implements StateStore {
  readonly #thread: DatabaseThread;

  constructor(
    thread: DatabaseThread,
    readonly stateId: string,
  ) {
    this.#thread = thread;
  }

  async load(): Promise<StoredState> {
    const ask = (sql: string) => this.#thread.ask({ type: 'query', sql });
    const instances = await ask(QUERIES.instances);
    const events = await ask(QUERIES.events);
    const operations = await ask(QUERIES.operations);
    const answers = await ask(QUERIES.answers);
    const pools = await ask(QUERIES.pools);
    const sequences = new Map(
      (await ask(QUERIES.sequences)).map(([name, seq]) => [name, Number(seq)]),
    );
    return this.#thread.guard(() => ({
      instances: instances.map(([ordinal, id, definition, progress]) => ({
        ordinal: Number(ordinal),
        id: String(id),
        definition: JSON.parse(String(definition)) as StoredDefinition,
        progress: JSON.parse(String(progress)) as StoredProgress,
      })),
      events: events.map(([event]) => JSON.parse(String(event)) as EventRecord),
      lastSeq: sequences.get('events') ?? 0,
      lastOrdinal: sequences.get('instances') ?? 0,
      operations: operations.map(documentOf),
      answers: answers.map(documentOf),
      pools: pools.map(documentOf),
    }));
  }

  async commit(changes: readonly StateChange[], durable: boolean): Promise<void> {
    await this.#thread.ask({ type: 'commit', calls: changes.map(sqlOf), durable });
  }

  async close(): Promise<void> {
    await this.#thread.end();
  }
}

function damagedLog(path: string, damage: string): UnicoreError {
  return new UnicoreError(
    'STATE_CORRUPT',
    `${path} is damaged (${damage}). Nothing was changed. Put a backup of it and of ${DATABASE_FILE}-wal in its place; or go on without what follows the damage, by: sqlite3 ${path} 'PRAGMA wal_checkpoint(TRUNCATE)'. If the machine lost its power, that was never acknowledged.`,
  );
}

function documentOf([id, document]: readonly (SqlValue | undefined)[]): StoredDocument {
  return { id: String(id), document: JSON.parse(String(document)) as unknown };
}

/** The worker thread, asked one thing after another. */
class DatabaseThread {
  readonly #path: string;
  readonly #worker: Worker;
  readonly #waiting: ((reply: WorkerReply) => void)[] = [];
  readonly #ended: Promise<void>;
  #dead: string | null = null;

  constructor(setup: WorkerSetup) {
    this.#path = setup.path;
    // Beside this file and of its kind: compiled in a release, source in the tests.
    const file = `./sqlite-worker${extname(import.meta.url)}`;
    this.#worker = new Worker(new URL(file, import.meta.url), {
      workerData: setup,
      resourceLimits: { maxYoungGenerationSizeMb: 8 },
    });
    this.#worker.on('message', (reply: WorkerReply) => this.#waiting.shift()?.(reply));
    this.#worker.on('error', (error: Error) => this.#die(error.message));
    this.#ended = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        this.#die('The thread of the database has ended.');
        resolve();
      });
    });
  }

  async ask(request: WorkerRequest): Promise<Rows> {
    if (this.#dead !== null) throw this.#errorOf({ message: this.#dead, sqliteCode: null });
    const reply = await new Promise<WorkerReply>((resolve) => {
      this.#waiting.push(resolve);
      this.#worker.postMessage(request);
    });
    if (!reply.ok) throw this.#errorOf(reply.failure);
    return reply.rows;
  }

  /** Runs what reads rows; a row that cannot be read is damage. */
  guard<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw this.#corrupt(error instanceof Error ? error.message : String(error));
    }
  }

  async end(): Promise<void> {
    if (this.#dead === null) await this.ask({ type: 'close' }).catch(() => undefined);
    await this.#ended;
  }

  #die(message: string): void {
    this.#dead ??= message;
    const failure = { message: this.#dead, sqliteCode: null };
    for (const resolve of this.#waiting.splice(0)) resolve({ ok: false, failure });
  }

  #errorOf(failure: WorkerFailure): UnicoreError {
    if (failure.newerVersion !== undefined) {
      return new UnicoreError(
        'STATE_CORRUPT',
        `${this.#path} was written by a newer Unicore (schema ${failure.newerVersion}, this one knows ${MIGRATIONS.length}). Install that version again.`,
      );
    }
    switch (failure.sqliteCode === null ? null : failure.sqliteCode & 0xff) {
      case BUSY:
      case LOCKED:
        return new UnicoreError(
          'STATE_LOCKED',
          `Another process holds ${this.#path}. Stop the daemon that uses this state directory, or give this one its own.`,
        );
      case FULL:
        return new UnicoreError(
          'STORAGE_FULL',
          `Nothing more can be written to ${this.#path}: the disk, or the database's size limit, is full. Free some space; nothing that was acknowledged is lost.`,
          { retryAfterSeconds: 5 },
        );
      case CORRUPT:
      case NOT_A_DATABASE:
        return this.#corrupt(failure.message);
      case CANNOT_OPEN:
        return new UnicoreError(
          'INTERNAL',
          `${this.#path} cannot be opened (${failure.message}). Check the owner and the mode of the state directory.`,
        );
      default:
        return new UnicoreError('INTERNAL', `${this.#path}: ${failure.message}`);
    }
  }

  #corrupt(message: string): UnicoreError {
    return new UnicoreError(
      'STATE_CORRUPT',
      `${this.#path} is damaged (${message}). Put a backup in its place, or move ${DATABASE_FILE} and ${DATABASE_FILE}-wal aside to begin anew: guests that run go on, and are shown as strangers.`,
    );
  }
}
