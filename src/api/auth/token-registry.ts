// SPDX-License-Identifier: BSD-3-Clause
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { UnicoreError } from '../../errors/index.js';
import type { TokenQuota } from '../../wire/index.js';
import type { Rate } from './rate-limiter.js';
import type { Role } from './roles.js';

/** A token that the daemon accepts, by its SHA-256, so that the token itself need not be kept. */
export interface TokenRecord {
  /** Who uses it: for the log, and as the owner of what is made with it. */
  readonly name: string;
  readonly role: Role;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
  readonly quota?: TokenQuota | undefined;
  /** No limit if absent. */
  readonly rate?: Rate | undefined;
  /** RFC 3339; never if absent. */
  readonly expiresAt?: string | undefined;
}

/** Whom a request comes from. */
export interface Principal {
  readonly name: string;
  readonly role: Role;
  readonly quota: TokenQuota;
  readonly rate: Rate | null;
}

/** Keeps the tokens that were made through the API. */
export interface TokenStore {
  load(): Promise<readonly TokenRecord[]>;
  /** Replaces them all. */
  save(records: readonly TokenRecord[]): Promise<void>;
}

interface Entry {
  readonly record: TokenRecord;
  readonly origin: 'configuration' | 'api';
  readonly principal: Principal;
  readonly digest: Buffer;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

const MOST_TOKENS = 1_000;

/** The accepted tokens. Looking one up takes the same time whether and where it matches. */
export class TokenRegistry {
  #entries: readonly Entry[];
  /** Changes wait for one another. */
  #changing: Promise<void> = Promise.resolve();

  private constructor(
    entries: readonly Entry[],
    private readonly store: TokenStore,
    private readonly now: () => number,
  ) {
    this.#entries = entries;
  }

  /** With the tokens of the configuration, which cannot be changed, and those of the store. */
  static async open(
    configured: readonly TokenRecord[],
    store: TokenStore,
    now: () => number = Date.now,
  ): Promise<TokenRegistry> {
    const names = new Set(configured.map(({ name }) => name));
    const stored = (await store.load()).filter(({ name }) => !names.has(name));
    const entries = [
      ...configured.map((record) => entryOf(record, 'configuration')),
      ...stored.map((record) => entryOf(record, 'api')),
    ];
    return new TokenRegistry(entries, store, now);
  }

  find(token: string): Principal | null {
    const digest = createHash('sha256').update(token).digest();
    let found: Entry | null = null;
    for (const entry of this.#entries) {
      if (timingSafeEqual(entry.digest, digest)) found = entry;
    }
    return found === null || found.expiresAt <= this.now() ? null : found.principal;
  }

  list(): readonly Pick<Entry, 'record' | 'origin'>[] {
    return this.#entries;
  }

  /** Makes a token and returns it; it cannot be had again. @throws TOKEN_NAME_TAKEN, INVALID_REQUEST, STORAGE_FULL */
  async create(wanted: Omit<TokenRecord, 'sha256'>): Promise<string> {
    const token = randomBytes(32).toString('base64url');
    await this.#change(() => {
      if (this.#entries.some(({ record }) => record.name === wanted.name)) {
        const text = `There is a token named ${wanted.name}. Choose another name, or revoke it first.`;
        throw new UnicoreError('TOKEN_NAME_TAKEN', text);
      }
      if (this.#entries.length >= MOST_TOKENS) {
        const text = `There are ${MOST_TOKENS} tokens already. Revoke some.`;
        throw new UnicoreError('INVALID_REQUEST', text);
      }
      return [...this.#entries, entryOf({ ...wanted, sha256: tokenDigest(token) }, 'api')];
    });
    return token;
  }

  /** @throws UNKNOWN_TOKEN, FORBIDDEN for one of the configuration, STORAGE_FULL */
  async revoke(name: string): Promise<void> {
    await this.#change(() => {
      const entry = this.#entries.find(({ record }) => record.name === name);
      if (entry === undefined)
        throw new UnicoreError('UNKNOWN_TOKEN', `There is no token ${name}.`);
      if (entry.origin === 'configuration') {
        const text = `The token ${name} is part of the daemon's configuration. Take it out there.`;
        throw new UnicoreError('FORBIDDEN', text);
      }
      return this.#entries.filter((each) => each !== entry);
    });
  }

  /** Durable first, then valid. */
  #change(change: () => readonly Entry[]): Promise<void> {
    const changed = this.#changing.then(async () => {
      const entries = change();
      await this.store.save(
        entries.filter(({ origin }) => origin === 'api').map(({ record }) => record),
      );
      this.#entries = entries;
    });
    this.#changing = changed.catch(() => undefined);
    return changed;
  }
}

function entryOf(record: TokenRecord, origin: Entry['origin']): Entry {
  const { name, role, sha256, quota = {}, rate = null, expiresAt } = record;
  return {
    record,
    origin,
    principal: { name, role, quota, rate },
    digest: Buffer.from(sha256, 'hex'),
    expiresAt: expiresAt === undefined ? Infinity : Date.parse(expiresAt),
  };
}

/** SHA-256 of a token, as `TokenRecord` holds it. */
export function tokenDigest(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
