// SPDX-License-Identifier: BSD-3-Clause
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Role } from './roles.js';

/** A token that the daemon accepts, by its SHA-256, so that the token itself need not be kept. */
export interface TokenRecord {
  /** Who uses it, for the log. */
  readonly name: string;
  readonly role: Role;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
}

/** Whom a request comes from. */
export interface Principal {
  readonly name: string;
  readonly role: Role;
}

/** The accepted tokens. Looking one up takes the same time whether and where it matches. */
export class TokenRegistry {
  readonly #tokens: readonly { readonly principal: Principal; readonly digest: Buffer }[];

  constructor(records: readonly TokenRecord[]) {
    this.#tokens = records.map(({ name, role, sha256 }) => ({
      principal: { name, role },
      digest: Buffer.from(sha256, 'hex'),
    }));
  }

  find(token: string): Principal | null {
    const digest = createHash('sha256').update(token).digest();
    let found: Principal | null = null;
    for (const entry of this.#tokens) {
      if (timingSafeEqual(entry.digest, digest)) found = entry.principal;
    }
    return found;
  }
}

/** SHA-256 of a token, as `TokenRecord` holds it. */
export function tokenDigest(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
