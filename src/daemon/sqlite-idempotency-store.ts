// SPDX-License-Identifier: BSD-3-Clause
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { z } from 'zod';
import type { IdempotencyStore, RecordedAnswer } from '../api/services.js';

const LIFETIME_MILLISECONDS = 24 * 3600 * 1000;
const MAXIMUM_ANSWERS = 100_000;
const SAVES_BETWEEN_PRUNINGS = 1000;

const rowSchema = z.object({
  fingerprint: z.string(),
  status: z.number(),
  location: z.string().nullable(),
  body: z.string(),
});

/**
 * Keeps answers for a day, at most 100,000, so that a client that repeats its request after the daemon was killed gets the
 * same answer. Written without waiting for the disk: an answer is lost with the machine's power, not with the process.
 */
export class SqliteIdempotencyStore implements IdempotencyStore {
  readonly #database: DatabaseSync;
  readonly #load: StatementSync;
  readonly #save: StatementSync;
  #saves = 0;

  constructor(
    path: string,
    private readonly now: () => number = Date.now,
  ) {
    this.#database = new DatabaseSync(path);
    this.#database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      CREATE TABLE IF NOT EXISTS answers (
        key TEXT PRIMARY KEY, at INTEGER NOT NULL, fingerprint TEXT NOT NULL,
        status INTEGER NOT NULL, location TEXT, body TEXT NOT NULL
      ) STRICT;
      CREATE INDEX IF NOT EXISTS answers_by_time ON answers (at);
    `);
    this.#load = this.#database.prepare(
      'SELECT fingerprint, status, location, body FROM answers WHERE key = ? AND at > ?',
    );
    this.#save = this.#database.prepare(
      'INSERT OR REPLACE INTO answers (key, at, fingerprint, status, location, body) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.#prune();
  }

  load(key: string): Promise<RecordedAnswer | null> {
    const row = this.#load.get(key, this.now() - LIFETIME_MILLISECONDS);
    return Promise.resolve(row === undefined ? null : rowSchema.parse(row));
  }

  save(key: string, { fingerprint, status, location, body }: RecordedAnswer): Promise<void> {
    this.#save.run(key, this.now(), fingerprint, status, location, body);
    this.#saves += 1;
    if (this.#saves % SAVES_BETWEEN_PRUNINGS === 0) this.#prune();
    return Promise.resolve();
  }

  close(): void {
    this.#database.close();
  }

  #prune(): void {
    this.#database
      .prepare('DELETE FROM answers WHERE at <= ?')
      .run(this.now() - LIFETIME_MILLISECONDS);
    this.#database
      .prepare(
        'DELETE FROM answers WHERE key IN (SELECT key FROM answers ORDER BY at DESC LIMIT -1 OFFSET ?)',
      )
      .run(MAXIMUM_ANSWERS);
  }
}
