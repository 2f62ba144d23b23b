// SPDX-License-Identifier: BSD-3-Clause
import { UnicoreError } from '../../../src/errors/index.js';
import type { WarmPool, WarmPools, WarmPoolSpec } from '../../../src/orchestrator/ports.js';

const DIGEST = `sha256:${'a'.repeat(64)}` as const;

/** Pools that are full at once. */
export class FakeWarmPools implements WarmPools {
  readonly #pools = new Map<string, WarmPool>();

  put(name: string, spec: WarmPoolSpec): Promise<WarmPool> {
    const pool: WarmPool = {
      name,
      spec,
      image: 'image' in spec.source ? spec.source.image : DIGEST,
      memoryBytes: spec.memoryBytes ?? 2 ** 24,
      vcpus: spec.vcpus ?? 1,
      warmth: spec.warmth ?? 'booted',
      target: spec.minimum,
      ready: spec.minimum,
      warming: 0,
      hits: 3,
      misses: 1,
      condition: { reason: 'Full', message: '' },
      createdAt: '2026-01-01T00:00:00.000Z',
    };
    this.#pools.set(name, pool);
    return Promise.resolve(pool);
  }

  list(): readonly WarmPool[] {
    return [...this.#pools.values()];
  }

  get(name: string): WarmPool {
    const pool = this.#pools.get(name);
    if (pool !== undefined) return pool;
    throw new UnicoreError('UNKNOWN_WARM_POOL', `There is no warm pool ${name}.`);
  }

  delete(name: string): Promise<void> {
    return Promise.resolve().then(() => {
      this.get(name);
      this.#pools.delete(name);
    });
  }
}
