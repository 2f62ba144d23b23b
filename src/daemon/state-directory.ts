// SPDX-License-Identifier: BSD-3-Clause
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { messageOf, UnicoreError } from '../errors/index.js';

/** Where the daemon keeps what must outlive it. One daemon at a time holds it. */
export class StateDirectory {
  private constructor(
    readonly path: string,
    private readonly lock: DatabaseSync,
  ) {}

  /**
   * Makes the directory if need be, for its owner only, and takes it. The lock is the kernel's, on a file: it goes with
   * the process, however that ends.
   * @throws STATE_LOCKED, STATE_CORRUPT
   */
  static async open(path: string): Promise<StateDirectory> {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await chmod(path, 0o700);
    return new StateDirectory(path, takeLock(path));
  }

  get socketPath(): string {
    return join(this.path, 'unicored.sock');
  }

  /** Tells other programs where the daemon listens; replaced as a whole. */
  async announce(address: { readonly url: string }): Promise<void> {
    const file = this.#addressFile();
    const text = JSON.stringify({ url: address.url, socket: this.socketPath, pid: process.pid });
    await writeFile(`${file}.new`, `${text}\n`, { mode: 0o600 });
    await rename(`${file}.new`, file);
  }

  async release(): Promise<void> {
    await rm(this.#addressFile(), { force: true });
    await rm(this.socketPath, { force: true });
    this.lock.close();
  }

  #addressFile(): string {
    return join(this.path, 'unicored.json');
  }
}

function takeLock(path: string): DatabaseSync {
  const database = new DatabaseSync(join(path, 'lock'));
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database.close();
    if (messageOf(error).includes('locked')) {
      throw new UnicoreError(
        'STATE_LOCKED',
        `Another daemon uses ${path}. Stop it, or set UNICORE_STATE_DIR to another directory.`,
        { cause: error },
      );
    }
    throw new UnicoreError('STATE_CORRUPT', `The lock file in ${path} is damaged. Delete it.`, {
      cause: error,
    });
  }
}
