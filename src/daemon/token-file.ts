// SPDX-License-Identifier: BSD-3-Clause
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { TokenRecord, TokenStore } from '../api/auth/token-registry.js';
import { errnoOf, replaceFile } from '../build/durable-file.js';
import { messageOf, UnicoreError } from '../errors/index.js';
import { tokenSchema } from './configuration-schema.js';

const FILE = 'tokens.json';

/** The tokens that were made through the API, by their hashes, in a file of the state directory (which is its owner's alone). */
export class TokenFile implements TokenStore {
  readonly #path: string;

  constructor(stateDirectory: string) {
    this.#path = join(stateDirectory, FILE);
  }

  /** @throws STATE_CORRUPT */
  async load(): Promise<readonly TokenRecord[]> {
    try {
      return z.array(tokenSchema).parse(JSON.parse(await readFile(this.#path, 'utf8')));
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return [];
      throw new UnicoreError(
        'STATE_CORRUPT',
        `${this.#path} cannot be read (${messageOf(error)}). Put a backup in its place, or delete it: the tokens that were made through the API are then void.`,
      );
    }
  }

  async save(records: readonly TokenRecord[]): Promise<void> {
    await replaceFile(this.#path, `${JSON.stringify(records, null, 2)}\n`);
  }
}
