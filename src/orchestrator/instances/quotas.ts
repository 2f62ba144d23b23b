// SPDX-License-Identifier: BSD-3-Clause
import { UnicoreError } from '../../errors/index.js';
import type { Client, QuotaUsage } from '../ports.js';

type Share = Pick<QuotaUsage, 'memoryBytes' | 'vcpus'>;

interface Holding {
  readonly owner: string;
  readonly share: Share;
}

const NOTHING: QuotaUsage = { instances: 0, memoryBytes: 0, vcpus: 0 };
const WORDS = {
  instances: 'instances',
  memoryBytes: 'bytes of memory',
  vcpus: 'vCPUs',
} as const satisfies Record<keyof QuotaUsage, string>;

/**
 * What each owner's instances take, from their acceptance until their records are removed, running or not: so nothing that
 * happens to an instance in between can fail for want of a quota.
 */
export class Quotas {
  readonly #usage = new Map<string, QuotaUsage>();
  readonly #holdings = new Map<string, Holding>();

  usageOf(owner: string): QuotaUsage {
    return this.#usage.get(owner) ?? NOTHING;
  }

  /** @throws QUOTA_EXCEEDED if `count` more instances of this size are too much for a client */
  require({ name, quota }: Client, share: Share, count = 1): void {
    const used = this.usageOf(name);
    const wanted: QuotaUsage = {
      instances: count,
      memoryBytes: share.memoryBytes * count,
      vcpus: share.vcpus * count,
    };
    for (const key of Object.keys(WORDS) as (keyof typeof WORDS)[]) {
      const limit = quota[key] ?? Infinity;
      if (used[key] + wanted[key] <= limit) continue;
      throw new UnicoreError(
        'QUOTA_EXCEEDED',
        `The quota of ${name} is ${limit} ${WORDS[key]}; its instances have ${used[key]}, and this asks for ${wanted[key]} more. Delete instances, or ask for a greater quota.`,
      );
    }
  }

  /** Enters an instance, once. */
  hold(id: string, owner: string, { memoryBytes, vcpus }: Share): void {
    if (this.#holdings.has(id)) return;
    const share = { memoryBytes, vcpus };
    this.#holdings.set(id, { owner, share });
    this.#add(owner, share, 1);
  }

  release(id: string): void {
    const holding = this.#holdings.get(id);
    if (holding === undefined) return;
    this.#holdings.delete(id);
    this.#add(holding.owner, holding.share, -1);
  }

  #add(owner: string, { memoryBytes, vcpus }: Share, sign: 1 | -1): void {
    const used = this.usageOf(owner);
    const instances = used.instances + sign;
    if (instances === 0) {
      this.#usage.delete(owner);
      return;
    }
    this.#usage.set(owner, {
      instances,
      memoryBytes: used.memoryBytes + sign * memoryBytes,
      vcpus: used.vcpus + sign * vcpus,
    });
  }
}
